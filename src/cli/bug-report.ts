import { printable } from '../report/printable.ts';

/**
 * What is printed when the program itself fails: the message, the place in the program, its version and the
 * platform. The command line and the environment are left out, for they can hold passwords.
 */
export function bugReport(error: unknown, version: string): string {
  const { message, places } = described(error);
  return [
    `standbylint: an internal error ended this run: ${printable(message)}`,
    ...places.map((place) => `             ${printable(place)}`),
    `             standbylint ${version}, Node.js ${process.versions.node}, ${process.platform} ${process.arch}`,
    '             This changed nothing. Please report these lines with the command that you ran (without passwords).',
    '',
  ].join('\n');
}

function described(error: unknown): { readonly message: string; readonly places: readonly string[] } {
  if (!(error instanceof Error)) return { message: String(error), places: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /u.test(line));
  return { message: `${error.name}: ${error.message}`, places: frames.slice(0, 5).map((frame) => frame.trim()) };
}
