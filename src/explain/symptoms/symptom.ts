import type { Candidate } from '../answer.ts';

/** A complaint in words. */
export interface Symptom {
  /** One sentence has them all. */
  readonly all: readonly RegExp[];
  /** Somewhere in the text, in whatever sentence. */
  readonly beside?: RegExp;
  readonly means: string;
  /** The likeliest first, each with the command that tells it from the others. */
  readonly causes: readonly Candidate[];
  readonly todo?: string;
  readonly where?: string;
  readonly command?: string;
  /** It is no fault, so that a question is enough. */
  readonly asks?: boolean;
  /** Of what is asked: its causes are steps, done one after the other. */
  readonly steps?: boolean;
  /** What is asked about would do harm: the answer goes before what messages mean. */
  readonly harm?: boolean;
  /** Its words are anybody's: said only where nothing particular is known, of whatever sentence. */
  readonly vague?: boolean;
}

export const standby =
  /\b(?:stand-?b?ys?|replicas?|slaves?|secondar(?:y|ies)|followers?|subscribers?|hot standby|read[- ]replicas?|mirror|repmgr standby|second (?:node|server|instance|pod))\b/iu;

export const replication = /\breplicat(?:ion|ing|ed|es?)\b|\bsync(?:s|ed|ing|hroni[sz]\w*)?\b|\bstream(?:ing|s)?\b/iu;

export const standbyOrReplication = new RegExp(
  `${standby.source}|${replication.source}|\\bwal ?-?receiver\\b|\\breplay[_ ]lag\\b|\\bpg_stat_(?:replication|wal_receiver)\\b`,
  'iu',
);

export const negated = /\b(?:not|never|no|cannot|ignor\w+|without|refus\w+|fail\w*|still|wrong)\b|n['’]t\b/iu;
