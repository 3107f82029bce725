import type { AnyRule } from '../rule.ts';
import { certificateExpired } from './certificate-expired.ts';
import { clientCertificateRefused } from './client-certificate.ts';
import { certificateUntrusted } from './certificate-untrusted.ts';
import { clientKeyPermissions } from './client-key-permissions.ts';
import { hostnameMismatch } from './hostname-mismatch.ts';
import { notOffered } from './not-offered.ts';
import { plaintextReplication } from './plaintext-replication.ts';
import { requiredByServer } from './required-by-server.ts';

export const tlsRules = [
  requiredByServer,
  notOffered,
  certificateUntrusted,
  hostnameMismatch,
  certificateExpired,
  clientKeyPermissions,
  clientCertificateRefused,
  plaintextReplication,
] as const satisfies readonly AnyRule[];
