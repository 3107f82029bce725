import { createHmac } from 'node:crypto';

import { addressBits, formatIpAddress, parseIpAddress, prefixMask } from '../postgres/ip-address.ts';
import type { IpAddress } from '../postgres/ip-address.ts';

/**
 * Other addresses for those that are there, such that two of them share as many leading bits as before: what was inside
 * of a network of pg_hba.conf stays inside of it. The first 8 bits (IPv6: 16) stay, which tell private networks apart, and
 * so do loopback addresses, `0.0.0.0`, and masks.
 */
export class OtherAddresses {
  readonly #key: Uint8Array;
  readonly #known = new Map<string, IpAddress>();

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** What stands for an address, by the address: for whoever collected it. */
  get pairs(): ReadonlyMap<string, string> {
    return new Map([...this.#known].map(([address, other]) => [address, formatIpAddress(other)]));
  }

  of(address: IpAddress): IpAddress {
    if (staysAsItIs(address)) return address;
    // an IPv4 address as IPv6 writes it is the same one
    if (address.family === 6 && address.value >> 32n === 0xffffn)
      return { family: 6, value: (0xffffn << 32n) | this.of({ family: 4, value: address.value & 0xffffffffn }).value };
    const name = formatIpAddress(address);
    const other = this.#known.get(name) ?? this.#made(address);
    this.#known.set(name, other);
    return other;
  }

  /** Of a network: what was no part of its prefix stays zero. */
  ofNetwork(address: IpAddress, mask: IpAddress): IpAddress {
    const other = this.of(address);
    return (address.value & ~mask.value) === 0n ? { ...other, value: other.value & mask.value } : other;
  }

  /** Those in a text, each where it stands. */
  inText(text: string): string {
    return text.replaceAll(addressLike, (found: string, bits: string | undefined) => {
      const [written = ''] = found.split('/');
      const address = parseIpAddress(written);
      if (address === undefined) return found;
      if (bits === undefined) return formatted(written, this.of(address));
      const mask = prefixMask(address.family, Math.min(Number(bits), addressBits(address.family)));
      return `${formatted(written, this.ofNetwork(address, mask))}/${bits}`;
    });
  }

  #made({ family, value }: IpAddress): IpAddress {
    const width = addressBits(family);
    let other = 0n;
    for (let at = 0; at < width; at += 1) {
      const shift = BigInt(width - 1 - at);
      const bit = (value >> shift) & 1n;
      const turned =
        at < width / (family === 4 ? 4 : 8) ? 0n : this.#chance(`${family}:${at}:${value >> (shift + 1n)}`);
      other = (other << 1n) | (bit ^ turned);
    }
    return { family, value: other };
  }

  /** A bit that depends on all bits before it and on the key. */
  #chance(prefix: string): bigint {
    return BigInt((createHmac('sha256', this.#key).update(prefix).digest()[0] ?? 0) & 1);
  }
}

/** What may be IPv6 (two colons in a row, or eight groups; the end may be written as IPv4), and IPv4, before a port as well. A network's length behind it. */
const addressLike =
  /(?:(?<![\w.:])(?=[\da-f:]*::|(?:[\da-f]+:){6})[\da-f:]*(?:(?:\d{1,3}\.){3}\d{1,3}|[\da-f](?!:)|::)(?![\w:])|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w))(?:\/(\d{1,3})(?!\w))?(?!\.\d)/giu;

const formatted = (written: string, address: IpAddress): string => {
  const before = parseIpAddress(written);
  return before?.value === address.value ? written : formatIpAddress(address);
};

function staysAsItIs({ family, value }: IpAddress): boolean {
  if (family === 6) return value <= 1n;
  const first = value >> 24n;
  return first === 0n || first === 127n || first === 255n;
}
