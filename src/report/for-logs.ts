/**
 * A text for a log that a CI runner reads: GitHub's runs a line that begins with `::name …::`, also behind blanks, and
 * `##[name]` anywhere in a line (actions/runner, ActionCommand.cs); Azure's runs `##vso[…]`. Neither may come from what
 * a server or a file says: the first character of each is shown as an escape.
 */
export const forLogs = (text: string): string =>
  text.replaceAll(lineCommand, String.raw`$1\x3a`).replaceAll(runnerCommand, String.raw`\x23#`);

/** `::name parameters::` at the start of a line: the first colon. */
export const lineCommand = /^([^\S\n]*):(?=:[a-z][\w-]*(?: [^\n]*)?::)/gimu;

/** `##[name]` and `##name[…]`: the first two characters. */
export const runnerCommand = /##(?=\w*\[)/gu;
