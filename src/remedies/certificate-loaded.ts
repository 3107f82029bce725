import type { Observed } from '../facts/observed.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Primary } from '../facts/primary.ts';
import type { Remedy } from '../findings/report.ts';
import { reload, safe } from './remedy.ts';

/**
 * Of a certificate that a client refuses, or soon will, while the server has another one in its file since it loaded
 * this one: it was renewed, and what is left to do is a reload.
 */
export function certificateLoaded(
  primary: Observed<Primary>,
): { readonly because: string; readonly remedy: Remedy } | undefined {
  if (ifSeen(primary)?.certificateChanged !== true) return undefined;
  return {
    because: ' The file in ssl_cert_file has changed since the server loaded this certificate.',
    remedy: safe('Load the certificate that is in the file now.', reload('primary')),
  };
}
