import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

export function containerFile(text: string): Explanation | undefined {
  // the state of a container that was made
  if (/^[^\S\n]*"?(?:containerID|imageID|restartCount)"?:/mu.test(text)) return undefined;
  const file =
    /^[^\S\n]*(?:image:|FROM)\s*["']?(\S*(?:postgres|bitnami\/postgresql|spilo|timescale)\S*?)["']?\s*$/imu.exec(
      text,
    )?.[1];
  const run =
    /\b(?:docker|podman)\s+(?:container\s+)?(?:run|create)\b(?:[^\n\\]|\\\n?)*?(?<!\s-{1,2}(?:name|hostname|network|net|link|label|user|volume|env|[ehlpuvw]))\s(?!-)((?:[\w.-]+\/)*(?:postgres|postgresql|postgis|timescaledb|spilo)\S*)(?=\s|$)/u.exec(
      text,
    )?.[1];
  const image = file ?? run;
  if (image === undefined) return undefined;
  const [, release] = /:(\d+)/u.exec(image) ?? [];
  const isLatest = /:latest$|^[^:]*$/u.test(image);
  const isBitnami = /bitnami/iu.test(image);
  return shape({
    text: `image ${image}`,
    means:
      file === undefined
        ? 'This is a command that starts a container of PostgreSQL.'
        : 'This is part of a compose file or Dockerfile for PostgreSQL.',
    candidates: [
      ...(/(?:^[^\S\n]*-\s*["']?|-p\s+["']?)(?:127\.0\.0\.1|localhost):\d+:5432\b/mu.test(text)
        ? [
            finding(
              'The port is published on 127.0.0.1 only: no other machine reaches this server. Publish it on an address of the network ("5432:5432").',
              'network/connection-refused',
            ),
          ]
        : []),
      ...primaryAtLocalhost(text),
      ...quotesInValue(text),
      ...(isBitnami
        ? ofBitnami(text)
        : (ofReplicationVariables(text, image) ??
          (/spilo/iu.test(image)
            ? [finding('In this image Patroni makes the cluster and its replicas. What it does is in its log.')]
            : [
                finding(
                  'The image runs initdb on an empty data directory at its first start. For a standby, pg_basebackup must fill the volume before (in its own entrypoint or init container); otherwise the two have different system identifiers.',
                ),
              ]))),
      ...(/POSTGRES_(?:USER|PASSWORD|DB)|initdb\.d/u.test(text)
        ? [
            finding(
              'POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and /docker-entrypoint-initdb.d apply only while the data directory is empty.',
            ),
          ]
        : []),
      ...(isLatest
        ? [
            finding(
              'Without a fixed release (postgres:16) an update can install a release that does not start on the old data.',
            ),
          ]
        : []),
      ...(!isBitnami && /:\/var\/lib\/postgresql\/data\b/u.test(text) && (isLatest || Number(release) >= 18)
        ? [
            finding(
              'The image of release 18 and later wants its volume at /var/lib/postgresql, and does not start with one at /var/lib/postgresql/data.',
            ),
          ]
        : []),
    ],
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  });
}

/** Images that are told by variables to make a standby copy the primary themselves (sameersbn/postgresql, timescale's and others). */
function ofReplicationVariables(text: string, image: string): readonly Finding[] | undefined {
  const primary =
    /\b(?:REPLICATION_HOST|REPLICATE_FROM|(?:POSTGRES_|PG_)?(?:MASTER|PRIMARY)_HOST|MASTER_SERVICE)\b["']?\s*[=:]\s*["']?([\w.-]+)/u.exec(
      text,
    )?.[1];
  if (primary === undefined) return undefined;
  // docker-entrypoint.sh of docker-library/postgres
  if (
    /^(?:docker\.io\/)?(?:library\/)?postgres(?::\S*)?$/u.test(image) &&
    !/\b(?:build|entrypoint|command):|pg_basebackup/u.test(text)
  )
    return [
      finding(
        `The official image knows no variable that makes a standby: it ignores the one with "${primary}" and makes an empty cluster of its own with initdb. pg_basebackup must fill the volume before the first start (an entrypoint of your own, or a container that runs once).`,
      ),
    ];
  const isThere =
    new RegExp(
      `^\\s*${primary}\\s*:|(?:container_name|hostname|alias\\w*)\\s*:\\s*["']?${primary}\\b|--name[= ]${primary}\\b|- ${primary}\\s*$`,
      'mu',
    ).test(text) || /^(?:[\d.]+|localhost)$/u.test(primary);
  return [
    ...(isThere || !/^[^\S\n]*image:/mu.test(text)
      ? []
      : [
          finding(
            `It copies from "${primary}", and no service, container or alias of that name is in this text: the name must resolve in the network of the container.`,
            'network/name-not-resolved',
          ),
        ]),
    finding(
      `This image makes the base backup from "${primary}" itself, on an empty volume only: with data of an earlier start it copies nothing. Its log says what it meets.`,
    ),
  ];
}

/** The host of the primary that a replica's container is told: in a container that name means the container. */
function primaryAtLocalhost(text: string): readonly Finding[] {
  if (/\bnet(?:work(?:_mode)?)?[:=\s]\s*["']?host\b/u.test(text)) return [];
  const told =
    /\b((?:POSTGRESQL_MASTER_HOST|REPLICATION_HOST|REPLICATE_FROM|REPMGR_PRIMARY_HOST|(?:\w+_)?(?:PRIMARY|MASTER)_HOST)\s*[:=]\s*["']?(?:localhost|127\.\d+\.\d+\.\d+|::1))(?![\w.])/iu.exec(
      text,
    )?.[1];
  return told === undefined
    ? []
    : [
        finding(
          `${told}: in a container localhost is the container itself, so that the replica looks for its primary in itself. Put both on one network (docker network create) and name the primary's container or service here, with the port of its server (5432), not the published one.`,
          'conninfo/points-at-itself',
        ),
      ];
}

/** In a list of a compose file, quotes within an item belong to the value. */
function quotesInValue(text: string): readonly Finding[] {
  const [, item, name] =
    /^[^\S\n]*-\s+((\w*(?:POSTGRES|REPMGR|REPLICA|PG|PRIMARY|MASTER)\w*)=(["'])[^\n"']+\3)\s*$/mu.exec(text) ?? [];
  return item === undefined || name === undefined
    ? []
    : [
        finding(
          `The quotes in - ${/PASSW|SECRET/u.test(name) ? `${name}=…` : item} become part of the value. Leave them out, or quote the whole item.`,
        ),
      ];
}

/** This image copies the primary itself. */
function ofBitnami(text: string): readonly Finding[] {
  const path = /(?:-v|--volume|^[^\S\n]*-)\s*["']?[^\s:"']+:(\/[^\s:"']*(?:postgres|pgdata|\/data)[^\s:"']*)/mu.exec(
    text,
  )?.[1];
  return [
    ...(path === undefined || path.startsWith('/bitnami/postgresql')
      ? []
      : [
          finding(
            `The volume is mounted at ${path}, and this image keeps its data in /bitnami/postgresql: the data is gone with the container, and each start begins with an empty directory.`,
          ),
        ]),
    finding(
      'On an empty volume this image copies the primary itself, if POSTGRESQL_REPLICATION_MODE is slave and POSTGRESQL_MASTER_HOST, POSTGRESQL_REPLICATION_USER and _PASSWORD fit the primary. On a volume with data it copies nothing. BITNAMI_DEBUG=true shows what it meets.',
    ),
  ];
}

/** What of a mount shows in the text, beside a message about an owner or a mode. */
export function hostMount(text: string): Explanation | undefined {
  const windows =
    /(?:-v|--volume|(?:^|[ \t])-)[ \t]*["']?([A-Za-z]:[\\/][^\s:"']*|\/(?:mnt|host_mnt)\/[a-z]\/[^\s:"']*):\/[^\s"']*/mu.exec(
      text,
    )?.[1];
  // initdb sets the mode before it starts the server for the first time
  const setInVain =
    /fixing permissions on existing directory \S+ \.\.\. ok|initdb: removing (?:contents of )?data directory/u.test(
      text,
    ) && /has (?:invalid permissions|group or world access)/u.test(text);
  const chmodInVain =
    /\bch(?:mod|own)\b.{0,60}\b(?:changes? nothing|no effect|does(?: not|n['’]t) (?:help|work|change)|did(?: not|n['’]t) (?:help|work|change)|is ignored|without (?:effect|success))\b/iu.test(
      text,
    );
  if (windows === undefined && !setInVain && !chmodInVain) return undefined;
  const cause =
    windows === undefined && !setInVain
      ? 'chmod and chown change nothing there: the file system under this directory does not keep owners and modes (a Windows share, NFS or cloud volume).'
      : windows === undefined
        ? 'initdb has just set the mode, and the server still finds another: the file system under this mount does not keep modes.'
        : `${windows} is a directory of Windows, which cannot hold owners and modes of Linux.`;
  const advice = `${cause} Use a named volume (docker volume create) or a directory of the Linux machine.`;
  return shape({
    text: windows ?? 'fixing permissions on existing directory',
    means: 'This is a mount of a container.',
    candidates: [finding(advice, 'standby/permissions'), finding(advice, 'standby/wrong-owner')],
    command: 'docker inspect --format "{{json .Mounts}}" <container>',
  });
}

/** A file that is mounted where the server does not look for it: the command would have to name it. */
export function mountInVain(text: string): Explanation | undefined {
  const mounts = text.matchAll(/:(\/[^\s:"',]*\/(pg_hba\.conf|postgresql\.conf))(?=[\s:"',]|$)/gmu);
  for (const [, path = '', name = ''] of mounts) {
    const [setting, rule] =
      name === 'pg_hba.conf' ? (['hba_file', 'hba/not-reloaded'] as const) : (['config_file', null] as const);
    // below the data directory it is read without a word; a script may copy what is named twice
    const isNamedAgain = text.split(path).length > 2;
    if (
      /\/(?:data|pgdata|\d+\/docker)\/[^/]*$/u.test(path) ||
      text.includes(`${setting}=`) ||
      isNamedAgain ||
      /\bconf\.d\b/u.test(path)
    )
      continue;
    return shape({
      text: path,
      means: 'This is a mount of a container.',
      candidates: [
        finding(
          `${name} is mounted at ${path}, and nothing in this text makes the server read it: it reads the one in its data directory. Start it with -c ${setting}=${path}.`,
          rule,
        ),
      ],
      command: `docker exec <container> psql -U postgres -c "SHOW ${setting}"`,
    });
  }
  return undefined;
}

/** The image's entrypoint runs such a script when initdb has made a cluster, and its server runs. */
export function initScript(text: string): Explanation | undefined {
  const script = /running (\/docker-entrypoint-initdb\.d\/[^\s"']+)/u.exec(text)?.[1];
  if (script === undefined || !/pg_basebackup/u.test(text)) return undefined;
  return shape({
    text: script,
    means: "This is a script that the image's entrypoint runs after initdb.",
    candidates: [
      finding(
        `${script} runs after the image's entrypoint has made a new cluster in this directory with initdb: it is too late for a base backup. Run pg_basebackup into the empty volume before the server's first start (an entrypoint of your own, or a container that runs once).`,
        'target/not-empty',
      ),
    ],
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  });
}
