/** Enough for what is asked again and again; a question that is asked in a thousand forms must not fill the memory. */
const mostOfOne = 8;

/**
 * A pure function that remembers with the object that it is asked about what it answered: facts are read once and asked by many rules.
 * Further arguments are compared by identity, so pass the same ones; what is returned is shared, so nobody may change it.
 *
 * The answers stand in the object itself, not enumerable, so that no copy and no comparison sees them, and go when it goes. The entries
 * of a WeakMap would wait for a full collection.
 *
 * @param work must depend on nothing but its arguments, none of which changes afterwards
 */
export function remembered<Subject extends object, More extends readonly unknown[], Answer>(
  work: (subject: Subject, ...more: More) => Answer,
): (subject: Subject, ...more: More) => Answer {
  const name = Symbol(work.name);
  type Known = { readonly more: More; readonly answer: Answer }[];
  return (subject, ...more) => {
    const holder = subject as { [name]?: Known };
    const answers = holder[name] ?? [];
    for (const known of answers) if (isSame(known.more, more)) return known.answer;
    const answer = work(subject, ...more);
    answers.push({ more, answer });
    if (answers.length > mostOfOne) answers.shift();
    if (!holder[name] && Object.isExtensible(subject)) Object.defineProperty(subject, name, { value: answers });
    return answer;
  };
}

/** A loop: a function for each comparison would be made millions of times. */
function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
