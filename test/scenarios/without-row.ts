import type { RuleId } from '../../src/rules/catalogue.ts';
import type { Row } from './matrix.ts';

type Reasons = Readonly<Partial<Record<RuleId, string>>>;

export const consequence = 'it stands under the root cause of other rows';

/** Rules of severity `error` that no row plays as the root cause, and why. */
export const withoutRow: Readonly<Record<Row['command'], Reasons>> = {
  preflight: {
    'target/memory-too-small':
      'a primary that has more memory than this machine cannot be run on it: the post-mortem plays it',
  },
  postmortem: {
    'network/pooler': 'the preflight plays it where a pooler is installed: the rule judges the same login',
    'standby/start-refused': "it needs a cluster of Debian's packages: test/live/debian-cluster.test.ts plays it",
    'network/server-starting': 'the preflight plays it: a server that starts is past it before anybody looks twice',
    'streaming/not-connected': consequence,
    'streaming/not-seen-by-primary': consequence,
    'timeline/two-primaries': consequence,
  },
};
