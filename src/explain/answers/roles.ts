import type { Answer } from '../answer.ts';

/** A role that a login or a program names, and the server does not have. */
export const answersAboutRoles: readonly Answer[] = [
  {
    of: ['role-does-not-exist'],
    when: /role "-/u,
    means:
      'A program was called without the name of a role: it took its next option, {role}, for the name. Such a role is not missing.',
    causes: [
      {
        cause:
          'A variable in the command is empty: a healthcheck or a script says -U $POSTGRES_USER -d …, and the variable is not set there.',
        on: 'client',
        check: "docker inspect --format '{{json .Config.Healthcheck}}' <container>",
      },
    ],
    todo: 'Give -U its name, or set the variable where the command runs (in a Compose file: $$POSTGRES_USER, so that the container and not Compose replaces it). Do not create a role of this name.',
    next: [],
  },
  {
    of: ['role-does-not-exist'],
    steps: false,
    means: 'Role {role} does not exist on the server that was reached.',
    causes: [
      {
        cause: 'The role was never created on this server, or its name is spelled differently (capitals matter).',
        on: 'primary',
        check: 'psql -c "\\du"',
        rule: 'role/missing',
      },
      {
        cause:
          'The init script that creates it did not run: /docker-entrypoint-initdb.d is skipped when the data volume is not empty.',
        after: 'data kept',
        on: 'primary',
        check: 'docker logs <container> 2>&1 | grep -i "skipping initialization"',
      },
      { cause: 'No role was named, and the name of the operating system user was used: give -U.' },
      { cause: 'The connection went to another server, or to another cluster on the same host (check host and port).' },
    ],
    todo: 'Correct the name where it is used. Only if this role is meant to exist: CREATE ROLE {role} LOGIN; on the primary, for a standby or pg_basebackup CREATE ROLE {role} REPLICATION LOGIN; and then \\password {role}',
  },
  {
    of: ['role-does-not-exist'],
    when: /role "root"/u,
    steps: false,
    means:
      'A program logged in as root, and PostgreSQL has no such role. Nearly always no role was named, and the program took the name of the operating system user that runs it.',
    causes: [
      {
        cause:
          'psql, pg_dump, pg_isready or a driver was run as root without -U (user=, PGUSER): docker exec, cron, sudo.',
        on: 'client',
        check: 'id -un; env | grep "^PGUSER"',
        rule: 'role/missing',
      },
      {
        cause: 'A health check does so, again and again: then the server itself has no fault.',
        on: 'client',
        check: "docker inspect --format '{{json .Config.Healthcheck}}' <container>",
      },
    ],
    todo: 'Name the role (-U <role>, PGUSER=<role>), or run the command as the user of the server: sudo -u postgres psql. Do not create a role named root for this.',
  },
  {
    of: ['role-does-not-exist'],
    when: /role "postgres"/u,
    steps: false,
    means:
      'This server has no role postgres: its superuser has another name, or another server was reached than the one that was meant.',
    causes: [
      {
        cause:
          'The image was started with another POSTGRES_USER (or initdb with -U): that role is the superuser then, and postgres was never created. A health check, a backup or a tool asks for postgres all the same.',
        on: 'client',
        check: "docker inspect --format '{{json .Config.Env}}' <container> | tr ',' '\\n' | grep POSTGRES_USER",
        rule: 'role/missing',
      },
      {
        cause: 'Another server answers at this address and port: one of the host beside the container, for example.',
        on: 'client',
        check: 'ss -ltnp | grep -w 5432; docker ps --format "{{.Names}} {{.Ports}}"',
      },
    ],
    todo: 'Log in as the superuser that this cluster has (psql -U <role>), or give the program that role.',
  },
];
