import type { MessageValues } from '../postgres/messages/message-format.ts';
import type { Clue } from './weighing/clues.ts';
import type { Tool } from './tools.ts';

/** What a message is in a course of events. */
export type MessageKind = 'cause' | 'consequence' | 'course';

/** One thing that may be behind a message. */
export interface Candidate {
  /** A sentence. `{role}` and the like are the text's values. */
  readonly cause: string;
  /** Where it is typed: `primary`, `standby`, `client`. */
  readonly on?: string;
  /** The one command that tells it from the others. */
  readonly check?: string;
  /** The rule that examines it. */
  readonly rule?: string;
  /** Of a symptom: where these words are in the text, somebody has looked, and it comes last. */
  readonly unless?: RegExp;
  /** The last major release that can have it. */
  readonly until?: number;
  /** Comes first where the text has this beside the message. */
  readonly after?: Clue;
  /** Of `after`: it is named only there. */
  readonly only?: true;
  /** Comes last where the text says that this is so already. */
  readonly tried?: Clue;
}

/**
 * What to say of messages: by their names in the catalogue (those of older wordings included), or by their words, where
 * the catalogue does not have them. `{role}`, `{slot}`, … are replaced by what the text gives, or by `<role>`;
 * `{file|a file}`: by these words.
 */
export interface Answer {
  /** For those that are not in the catalogue. */
  readonly id?: string;
  readonly of?: readonly string[];
  /** Formats like PostgreSQL's, the most telling first. */
  readonly says?: readonly string[];
  /** The file that prints `says`, and since when. */
  readonly source?: string;
  readonly kind?: MessageKind;
  /** Of 1 to 5, among those of the same kind. */
  readonly matters?: number;
  readonly means: string;
  /** The likeliest first. */
  readonly causes?: readonly Candidate[];
  readonly todo?: string;
  readonly next?: readonly { readonly where: string; readonly command: string }[];
  /** What usually mends this message is not what is to do here. */
  readonly steps?: false;
  /** It says that something failed and not why: what else the text tells comes before it. */
  readonly saysNotWhy?: boolean;
  /** standbylint's own commands cannot help there (a managed service, a backup tool's archive). */
  readonly elsewhere?: boolean;
  /** For `says`: what else must stand in the text, where the words are anybody's. */
  readonly among?: RegExp;
  /** Applies only where the message and its parts have these words, too; such an answer goes before those without. */
  readonly when?: RegExp;
  /** Applies only where these words stand somewhere in a short text, on whatever line. A named group is a name that the message has, too. */
  readonly beside?: RegExp;
  /** Of a line of a tool: it is over where a later line has these words. */
  readonly overAfter?: RegExp;
  /** Applies only where the text speaks of this program. */
  readonly tool?: Tool;
}

/** For `among`: the text speaks of PostgreSQL, or has the labels that its server writes. */
export const ofPostgres =
  /postgres|postmaster|pgsql|\bpg_|pgdata|pgbackrest|patroni|barman|repmgr|archive_command|restore_command|\b(?:LOG|FATAL|PANIC|HINT|DETAIL): {2}\S/iu;

/** For `among`: what names a pod or container of PostgreSQL. */
export const namesPostgres =
  /postgres|pgsql|pgdata|\bpg[-_\d]|\bpg\b|\bcnpg|patroni|spilo|repmgr|pgpool|pgbouncer|pgbackrest|timescale|stolon|kubegres|stackgres|supabase|crunchydata|perconapg|cloudnative|\bpgo-|5432|basebackup/iu;

export function filled(template: string, values: MessageValues): string {
  return template.replaceAll(
    /\{([a-zA-Z0-9]+)(?:\|([^{}]+))?\}/gu,
    (_, name: string, otherwise: string | undefined) => {
      const value = values[name];
      return value === undefined || value === '' ? (otherwise ?? `<${spoken(name)}>`) : value;
    },
  );
}

const spoken = (name: string): string => name.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
