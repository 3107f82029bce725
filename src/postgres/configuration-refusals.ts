/** A message of a server that looked at its configuration. */
export interface ConfigurationMessage {
  readonly text: string;
  /** DETAIL and HINT. */
  readonly more: string;
  /** Of `… parameter "NAME" …`. */
  readonly name: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** It concerns the files and not a value: the server stops before it looks at the values. */
  readonly isOfFiles: boolean;
}

/**
 * What `postgres -C` says that it does not take (guc.c: each fault is a LOG, and one FATAL sums them up), from its standard
 * error without log_line_prefix. Warnings are no refusals.
 */
export function configurationRefusals(stderr: string): readonly ConfigurationMessage[] {
  return messagesIn(stderr)
    .filter(({ level, text }) => /^(?:LOG|ERROR|FATAL|PANIC|)$/u.test(level) && !sum.test(text))
    .map(({ text, more }) => {
      const [, name] = /\bparameter "([^"]+)"/u.exec(text) ?? [];
      const [, file, line] = /\b(?:in|file) "([^"]+)" line (\d+)/u.exec(text) ?? [];
      return {
        text,
        more,
        name,
        file,
        line: line === undefined ? undefined : Number(line),
        isOfFiles: ofFiles.test(text),
      };
    });
}

const sum = /^configuration file ".*" contains errors/su;
const ofFiles =
  /^(?:unrecognized configuration parameter|syntax error in file|too many syntax errors|could not open configuration|could not open file|configuration file recursion|could not (?:read|access) )/u;

interface Message {
  readonly level: string;
  readonly text: string;
  readonly more: string;
}

function messagesIn(stderr: string): readonly Message[] {
  const messages: { level: string; text: string; more: string }[] = [];
  for (const line of stderr.split('\n')) {
    const [, level, text] = /^([A-Z]+\d?): {2}(.*)$/su.exec(line) ?? [];
    const last = messages.at(-1);
    if (level === undefined) {
      if (line.startsWith('\t') && last !== undefined) last.text += `\n${line.slice(1)}`;
      // what is written before there is a log: `postgres: could not access …`
      else if (/^[\w./-]*postgres: /u.test(line))
        messages.push({ level: '', text: line.replace(/^\S+: /u, ''), more: '' });
    } else if (/^(?:DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LOCATION|BACKTRACE)$/u.test(level)) {
      if (last !== undefined && (level === 'DETAIL' || level === 'HINT'))
        last.more += `${last.more === '' ? '' : ' '}${text}`;
    } else messages.push({ level, text: text ?? '', more: '' });
  }
  return messages;
}
