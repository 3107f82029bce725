import type { MessageValues } from '../../postgres/messages/message-format.ts';

/**
 * The file that the system's words are about, as shells and programs print it on the same line: before them
 * (`mkdir: cannot create directory '/data': Permission denied`) or after them (`[Errno 13] Permission denied: '/data'`).
 */
export function pathAround(text: string, from: number, to: number): MessageValues {
  const before = text.slice(text.lastIndexOf('\n', from) + 1, from);
  const end = text.indexOf('\n', to);
  const after = text.slice(to, end === -1 ? undefined : end);
  const file =
    /['"`]((?:[A-Za-z]:)?[/\\][^'"`\n]+)['"`][^'"`\n]{0,40}: $/u.exec(before)?.[1] ??
    /['"`]([^'"`\s]+\/[^'"`\s]+)['"`]: $/u.exec(before)?.[1] ??
    /(?<![\w.-])((?:\b[A-Za-z]:)?[/\\][^\s'"`:]+)['"`]*: $/u.exec(before)?.[1] ??
    /^: ['"`]?((?:[A-Za-z]:)?[/\\][^\s'"`:]+)/u.exec(after)?.[1];
  return file === undefined ? {} : { file };
}
