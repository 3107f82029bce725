/** "LOG: entering standby mode ... then FATAL: hot standby is not possible": each message on a line of its own. */
export const apartInSentences = (text: string): string =>
  text.length > longestPost ? text : text.split('\n').map(apart).join('\n');

const longestPost = 8192;

function apart(line: string): string {
  const labels = [...line.matchAll(label)].slice(1);
  return labels.reduceRight((rest, { index }) => {
    const before = rest.slice(0, index).trimEnd();
    // what a message carries stands behind a colon or within marks
    return endsSentence.test(before) ? `${before.replace(connects, '')}\n${rest.slice(index)}` : rest;
  }, line);
}

const label = /(?<![\w"'`(])(?:LOG|WARNING|ERROR|FATAL|PANIC): {1,2}(?=\S)/gu;

const endsSentence = /[\p{L}\d,;.!…>)"]$/u;

const connects =
  /(?:[\s,;.…>-]|\b(?:and|then|followed by|later|finally|after that|afterwards|next|also|or)\b){1,12}$/iu;
