import type { Finding } from '../findings/report.ts';

/** `accepted until 2027-01-31: replaced in January`, where the configuration accepts it. */
export const acceptedText = ({ accepted }: Finding): string | undefined =>
  accepted && `accepted until ${accepted.until}: ${accepted.reason}`;

/** The same behind what is said of a finding. */
export function acceptedNote(finding: Finding): string {
  const text = acceptedText(finding);
  return text === undefined ? '' : ` (${text})`;
}
