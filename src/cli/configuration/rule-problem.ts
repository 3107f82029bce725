import type { AnyRule } from '../../rules/rule.ts';
import { nearest } from '../options/did-you-mean.ts';

/** What may be said of a rule: an error is never hidden, and danger for data is not for the configuration to weigh. */
export const mayBe = {
  severity: ({ severity, endangersData }: AnyRule): boolean => severity !== 'error' && endangersData !== true,
  ignore: ({ severity, endangersData }: AnyRule): boolean => severity !== 'error' && endangersData !== true,
  accepted: ({ endangersData, id }: AnyRule): boolean => endangersData !== true && !id.startsWith('configuration/'),
} as const;

/** Why a rule cannot stand there, as a sentence. */
export async function ruleProblem(id: string, use: keyof typeof mayBe): Promise<string> {
  const { catalogue } = await import('../../rules/catalogue.ts');
  const rules: readonly AnyRule[] = catalogue;
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) {
    const meant = nearest(
      id,
      rules.map((one) => one.id),
    );
    return `the rule "${id}" does not exist.${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
  }
  if (rule.endangersData === true)
    return `${id} reports data in danger: it cannot be ${use === 'severity' ? 'made milder' : use === 'ignore' ? 'ignored' : 'accepted'}.`;
  if (id.startsWith('configuration/')) return `${id} is about the configuration itself and cannot be accepted.`;
  return `${id} is an error and cannot be ${use === 'severity' ? 'made milder' : 'ignored'}: accept its finding with a reason and a day instead.`;
}
