import type { Resource } from '@modelcontextprotocol/sdk/types.js';

import type { Configuration } from '../configuration/content.ts';
import { findConfiguration } from '../configuration/find.ts';
import type { TargetCommand } from '../configuration/keys.ts';
import { configurationOf } from '../configuration/resolve.ts';

const prefix = 'standbylint://targets/';

/** The targets of the configuration, as the server offers them. A configuration holds no secret: one with a password is refused. */
export interface Targets {
  readonly namesFor: (command: TargetCommand) => readonly string[];
  readonly resources: () => readonly Resource[];
  /** What the configuration says of one, as JSON; undefined: there is none of this address. */
  readonly read: (uri: string) => string | undefined;
}

/** Throws a {@link UsageError} for a configuration that cannot be used. */
export async function readTargets(config: string | undefined): Promise<Targets> {
  const { content } = await configurationOf(config, findConfiguration());
  const targets = new Map(Object.entries(content.targets ?? {}));
  return {
    namesFor: (command) => [...targets].filter(([, target]) => target.command === command).map(([name]) => name),
    resources: () => [...targets].map(([name, target]) => resource(name, target)),
    read: (uri) => {
      const target = uri.startsWith(prefix) ? targets.get(uri.slice(prefix.length)) : undefined;
      return target && JSON.stringify(target, undefined, 2);
    },
  };
}

const resource = (name: string, { command }: NonNullable<Configuration['targets']>[string]): Resource => ({
  uri: `${prefix}${name}`,
  name,
  description: `A target of the configuration: the tool ${command} examines it with {"target": "${name}"}.`,
  mimeType: 'application/json',
});
