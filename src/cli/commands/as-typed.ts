import type { CommandSurroundings } from '../command.ts';
import type { HelpPage } from '../help/help-page.ts';

interface CommandAsTyped {
  readonly name: string;
  /** In the list of the commands. */
  readonly does: string;
  readonly load: () => Promise<(words: readonly string[], surroundings: CommandSurroundings) => Promise<number>>;
  readonly page: () => Promise<HelpPage>;
}

/** Commands that read their words themselves: those of pg_basebackup, and what the configuration adds to. */
export const commandsAsTyped: readonly CommandAsTyped[] = [
  {
    name: 'preflight',
    does: 'checks whether pg_basebackup would succeed and the standby would stream',
    load: async () => (await import('../preflight.ts')).preflight,
    page: async () => (await import('../help/base-backup-help.ts')).baseBackupPage('preflight'),
  },
  {
    name: 'clone',
    does: 'does the same, runs pg_basebackup, verifies the copy; --start starts it',
    load: async () => (await import('../clone/clone.ts')).clone,
    page: async () => (await import('../help/base-backup-help.ts')).baseBackupPage('clone'),
  },
  {
    name: 'postmortem',
    does: 'finds what is wrong with an existing standby, and how to recover it',
    load: async () => (await import('../postmortem.ts')).postmortem,
    page: async () => (await import('../help/postmortem-help.ts')).postmortemPage,
  },
  {
    name: 'serve',
    does: 'looks at a standby again and again: /metrics, /healthz and the report over HTTP',
    load: async () => (await import('../serve/serve.ts')).serve,
    page: async () => (await import('../serve/options.ts')).servePage,
  },
  {
    name: 'collect',
    does: 'writes what preflight or postmortem would look at to a file',
    load: async () => (await import('../recording/collect.ts')).collect,
    page: async () => (await import('../help/recording-help.ts')).collectPage,
  },
  {
    name: 'bundle',
    does: 'writes the same with logs and configuration files, for a support engineer',
    load: async () => (await import('../bundle/bundle.ts')).bundle,
    page: async () => (await import('../help/recording-help.ts')).bundlePage,
  },
];
