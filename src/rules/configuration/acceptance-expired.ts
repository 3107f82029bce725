import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const acceptanceExpired = defineRule({
  id: 'configuration/acceptance-expired',
  title: 'The acceptance of a finding has expired',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['acceptances'],
  docs: {
    what: 'Warns when a finding is there that the configuration accepted until a day that is over.',
    why: 'The finding counts again for the exit status.',
    notes: 'The day of "until" itself still belongs to the acceptance, in UTC.',
    references: ['docs/configuration.md'],
  },
  judge({ acceptances }) {
    const over = acceptances.filter(({ expired, meets }) => expired && meets.length > 0);
    const [first, ...others] = over.map(({ rule, subject, reason, until, meets }) => ({
      title: `The acceptance of ${rule} expired on ${until}`,
      message: `"${meets[0] ?? ''}" was accepted until ${until} and is still there. It counts again.`,
      where: at('client' as const),
      evidence: [
        evidence('subject', subject, 'the configuration of standbylint'),
        evidence('reason', reason, 'the configuration of standbylint'),
      ],
      remedy: safe(
        'Fix the finding, or decide again.',
        manual('client', `Fix ${rule}, or give its acceptance a later "until" if the reason still holds.`),
      ),
    }));
    return first === undefined ? pass(`no acceptance of ${acceptances.length} has expired`) : fail(first, ...others);
  },
});
