import type { Finding, Report } from '../findings/report.ts';

/** `accepted until 2027-01-31: replaced in January`, where the configuration accepts it. */
export const acceptedText = ({ accepted }: Finding): string | undefined =>
  accepted && `accepted until ${accepted.until}: ${accepted.reason}`;

/** The same behind what is said of a finding. */
export function acceptedNote(finding: Finding): string {
  const text = acceptedText(finding);
  return text === undefined ? '' : ` (${text})`;
}

/** A configuration that changes what is told is named. */
export function configurationSentence({ configuration }: Report): string | undefined {
  if (configuration === undefined) return undefined;
  const { file, target, ignored } = configuration;
  return [
    `Configuration: ${file ?? 'the environment'}`,
    ...(target === null ? [] : [`target ${target}`]),
    ...(ignored.length === 0 ? [] : [`ignored: ${ignored.join(', ')}`]),
  ].join(', ');
}
