import type { PatroniState } from '../../facts/manager.ts';
import type { Host } from '../../hosts/host.ts';
import { parsedJson, valueAt } from '../../hosts/parsed-json.ts';
import { Limit } from '../../servers/time-limit.ts';

/** `GET /patroni` of a member's own REST API, which needs no login (patroni: api.py, do_GET_patroni). */
export async function patroniState(
  host: Host,
  { address, port }: { readonly address: string; readonly port: number },
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<PatroniState | undefined> {
  try {
    const limit = new Limit(timeoutMs, signal);
    const text = await limit.race(asked(host, address, port, signal));
    const end = text.indexOf('\r\n\r\n');
    const answer = parsedJson(text.slice(end + 4));
    // by its own clock, which need not be ours
    const now = Date.parse(/^date:(.*)$/imu.exec(text.slice(0, end))?.[1] ?? '');
    if (valueAt(answer, 'patroni') === undefined) return undefined;
    const seen = valueAt(answer, 'dcs_last_seen');
    return {
      // api.py, get_postgresql_status: `running` becomes that where its own query fails
      ...(valueAt(answer, 'state') === 'unknown' ? { cannotAsk: true as const } : {}),
      unlocked: valueAt(answer, 'cluster_unlocked') === true,
      storeSilentSeconds:
        typeof seen === 'number' && !Number.isNaN(now) ? Math.max(0, Math.round(now / 1000 - seen)) : undefined,
    };
  } catch {
    // whatever it is, the API says nothing
    return undefined;
  }
}

async function asked(host: Host, address: string, port: number, signal: AbortSignal): Promise<string> {
  const connection = await host.connect({ kind: 'tcp', address, port }, signal);
  try {
    connection.write(`GET /patroni HTTP/1.0\r\nHost: ${address}\r\n\r\n`);
    let text = '';
    for await (const piece of connection) {
      text += String(piece);
      if (text.length > 65_536) break;
    }
    return text;
  } finally {
    connection.destroy();
  }
}
