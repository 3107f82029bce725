import { isIPv6 } from 'node:net';

import { conninfoValue } from '../../../postgres/conninfo-format.ts';
import type { OptionValue, OptionValues } from '../../configuration/content.ts';
import { targetCommands, targetKeys } from '../../configuration/keys.ts';
import type { TargetCommand } from '../../configuration/keys.ts';
import { refuseSecrets } from '../../configuration/read.ts';
import { didYouMean } from '../../options/did-you-mean.ts';
import { outputOption } from '../../options/outputs.ts';
import { UsageError } from '../../usage-error.ts';
import type { Entry } from './inventory.ts';

/** What is examined, or why an entry of an inventory cannot be. */
export type InventoryTarget = { readonly name: string; readonly command: TargetCommand } & (
  | { readonly options: OptionValues }
  | { readonly because: string }
);

/**
 * The target of an entry: its own options before those of `each`, in which `{host}` and the like stand for its values. A
 * value stays a value: it is quoted within a connection string, and refused where it could mean something else. Nothing is
 * taken that writes or runs anything.
 */
export function targetOf({ name, values, options = {} }: Entry, each: OptionValues): InventoryTarget {
  let command: TargetCommand = 'postmortem';
  try {
    const all: Record<string, unknown> = { ...each, ...options };
    const { command: given = 'postmortem', ...rest } = all;
    const known = targetCommands.find((one) => one === given);
    if (known === undefined) throw new UsageError('the command must be preflight or postmortem');
    command = known;
    const checked = Object.entries(rest).map(([key, value]) => {
      const option = checkedOption(command, key, value);
      return [key, Object.hasOwn(options, key) ? option : filledIn(key, option, { ...values, name })] as const;
    });
    refuseSecrets(Object.fromEntries(checked), name);
    return { name, command, options: Object.fromEntries(checked) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { name, command, because: error.message };
  }
}

function checkedOption(command: TargetCommand, key: string, value: unknown): OptionValue {
  // a report in a file is for whoever types it, or writes a configuration
  const taken = targetKeys[command].filter(({ long }) => long !== outputOption.long);
  const spec = taken.find(({ long }) => long === key);
  if (spec === undefined) {
    const near = didYouMean(
      key,
      taken.map(({ long }) => long),
    );
    throw new UsageError(`the option "${key}" does not exist for ${command}${near === undefined ? '' : ` (${near})`}`);
  }
  if (spec.value === undefined) {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw new UsageError(`the option "${key}" is true or false`);
  }
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new UsageError(`the option "${key}" is a text`);
}

function filledIn(key: string, option: OptionValue, values: Readonly<Record<string, string>>): OptionValue {
  if (Array.isArray(option)) return option.map((one: string) => filledInText(key, one, values));
  return typeof option === 'string' ? filledInText(key, option, values) : option;
}

const conninfoKeys: ReadonlySet<string> = new Set(['admin', 'standby', 'dbname']);

const filledInText = (key: string, template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{(\w+)\}/gu, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new UsageError(`the inventory has no value for {${name}}, which --${key} needs`);
    // oxlint-disable-next-line no-control-regex -- no name of anything has one
    if (/[\u0000-\u001F\u007F]/u.test(value)) throw new UsageError(`its {${name}} has a control character`);
    if (conninfoKeys.has(key)) return template.includes('://') ? encodeURIComponent(value) : conninfoValue(value);
    if (key === 'pgdata') return inPlace(name, value, template);
    return value;
  });

/** Within `ssh:{host}:/directory` a colon or a leading dash would mean something of its own. */
function inPlace(name: string, value: string, template: string): string {
  if (template === `{${name}}` || template.endsWith(`:{${name}}`)) {
    if (value.startsWith('/')) return value;
  }
  if (isIPv6(value)) return `[${value}]`;
  if (/^[A-Za-z0-9_.][A-Za-z0-9_.@%+-]*$/u.test(value)) return value;
  throw new UsageError(`its {${name}} is not the name of a host or of a directory`);
}
