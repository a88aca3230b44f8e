import { type Access, grantsFor } from '../store/access.ts';
import { maySeeContacts } from './episode-question.ts';

/** Which references a caller may be told. */
export interface Reader {
  mayRead(reference: string): boolean;
  /** a sentence in which what the caller may not read is named by its type alone */
  withoutHidden(text: string): string;
}

/** What a contact rests on says as much as the contact: it is told to nobody who may not read contacts. */
const ofContacts: readonly string[] = ['Communication', 'Encounter'];

/** A type is told where a scope opens all of it: of one that opens a part nobody has looked whether this is in it. */
export function readerOf(access: Access): Reader {
  const known = new Map<string, boolean>();
  const opens = (type: string): boolean =>
    grantsFor(access, type, 'r').some(({ filter }) => filter.length === 0) &&
    (!ofContacts.includes(type) || maySeeContacts(access));
  const mayRead = (reference: string): boolean => {
    const [type = ''] = reference.split('/');
    const may = known.get(type) ?? opens(type);
    known.set(type, may);
    return may;
  };
  return {
    mayRead,
    withoutHidden: (text) =>
      text.replace(/\b([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}/g, (reference, type: string) =>
        mayRead(reference) ? reference : type,
      ),
  };
}
