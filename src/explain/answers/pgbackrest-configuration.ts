import type { Answer } from '../answer.ts';

/** Whom and what the configuration of pgBackRest names. */
export const answersAboutPgBackRestConfiguration: readonly Answer[] = [
  {
    id: 'pgbackrest-host-invalid',
    says: [
      'archive-push command must be run on the PostgreSQL host',
      'archive-get command must be run on the PostgreSQL host',
      'restore command must be run on the PostgreSQL host',
      '%s command must be run on the PostgreSQL host',
    ],
    source: 'pgBackRest, config/load.c, command/archive/push/push.c (072 is HostInvalidError)',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest on this host takes PostgreSQL to be on another host: pg1-host is set in the configuration that archive-push reads here.',
    causes: [
      {
        cause:
          'The configuration of the repository host was copied to the PostgreSQL host. On the PostgreSQL host set repo1-host, not pg1-host; on the repository host set pg1-host, not repo1-host.',
        on: 'primary',
        check:
          'grep -nE "^(pg|repo)[0-9]+-host" /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest/conf.d/*.conf /etc/pgbackrest.conf',
      },
      { cause: 'archive-push was typed on the repository host: only archive_command of the server runs it.' },
    ],
  },
  {
    id: 'pgbackrest-repository-host',
    says: [
      'backup command must be run on the repository host',
      '%s command must be run on the repository host',
      '[072]: %s',
    ],
    source: 'pgBackRest, src/config/load.c (072 HostInvalidError)',
    matters: 5,
    elsewhere: true,
    means:
      'This command works on the repository itself, and a repository of this configuration is on another host (repo1-host, repo2-host): it must be typed there.',
    causes: [
      {
        cause: 'repoN-host is set here. Backup, expire, stanza-create and the like run on that host, as its user.',
        on: 'this host',
        check:
          'grep -nE "^(pg|repo)[0-9]+-host" /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest/conf.d/*.conf /etc/pgbackrest.conf',
      },
      {
        cause: 'Two repositories, one of them here: name the one that is meant with --repo=<number>.',
      },
    ],
    todo: 'On the repository host: sudo -u pgbackrest pgbackrest --stanza=<stanza> backup. There pg1-host names the PostgreSQL host.',
  },
  {
    id: 'pgbackrest-config',
    says: [
      '[027]: %s',
      '[031]: %s',
      '[032]: %s',
      '[037]: %s',
      '%s command requires option: %s',
      'option not allowed for %s',
    ],
    source:
      'pgBackRest, config/parse.c (027 ConfigError, 031 OptionInvalidError, 032 OptionInvalidValueError, 037 OptionRequiredError)',
    tool: 'pgbackrest',
    matters: 4,
    elsewhere: true,
    means: 'pgBackRest does not accept its configuration or command line. The message names the option.',
    causes: [
      {
        cause: 'The option is missing, misspelled or in the wrong section of pgbackrest.conf ([global] or [<stanza>]).',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> check',
      },
      {
        cause:
          'It is in no file of yours: the pgBackRest of another host passed it on, and the two are of different versions. They must be the same everywhere.',
        on: 'each host',
        check: 'pgbackrest version',
      },
    ],
  },
];
