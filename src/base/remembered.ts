/** Enough for what is asked again and again; a question that is asked in a thousand forms must not fill the memory. */
const mostOfOne = 8;

/**
 * A pure function that remembers, as long as the object that it is first asked about lives, what it answered for it: facts are read
 * once and asked by many rules. Further arguments are compared by identity, so pass the same ones; what is returned is shared, so
 * nobody may change it.
 *
 * @param work must depend on nothing but its arguments, none of which changes afterwards
 */
export function remembered<Subject extends object, More extends readonly unknown[], Answer>(
  work: (subject: Subject, ...more: More) => Answer,
): (subject: Subject, ...more: More) => Answer {
  const known = new WeakMap<Subject, { readonly more: More; readonly answer: Answer }[]>();
  return (subject, ...more) => {
    const answers = known.get(subject) ?? [];
    const found = answers.find((one) => one.more.every((value, index) => value === more[index]));
    if (found) return found.answer;
    const answer = work(subject, ...more);
    answers.push({ more, answer });
    if (answers.length > mostOfOne) answers.shift();
    known.set(subject, answers);
    return answer;
  };
}
