import type { AttemptOutcome } from '../facts/connection.ts';
import type { LoginWatch } from './guarded-stream.ts';

type Stop = Extract<AttemptOutcome, { readonly kind: 'client-stopped' }>['why'];

/** The client cannot go on, where libpq could not either. */
export class LoginStopped extends Error {
  override readonly name = 'LoginStopped';
  readonly why: Stop;
  /** The method, where that is what the client does not want. */
  readonly asks: string | undefined;
  constructor(why: Stop, message: string, asks?: string) {
    super(message);
    this.why = why;
    this.asks = asks;
  }
}

export interface ClientAbilities {
  readonly hasPassword: boolean;
  readonly tls: boolean;
  readonly channelBinding: 'disable' | 'prefer' | 'require';
  /** libpq's require_auth; empty: every method is welcome. */
  readonly requireAuth: string;
}

/** Follows the server's authentication requests, and stops where libpq does (fe-auth.c, pg_fe_sendauth and check_expected_areq). */
export class AuthenticationWatch implements LoginWatch {
  readonly parameters = new Map<string, string>();
  readonly #client: ClientAbilities;
  #method: string | undefined;
  #bound = false;
  #done = false;

  constructor(client: ClientAbilities) {
    this.#client = client;
  }

  /** AuthenticationOk has come: what the server refuses now is no matter of pg_hba.conf or of the password. */
  get authenticated(): boolean {
    return this.#done;
  }

  onParameter(name: string, value: string): void {
    this.parameters.set(name, value);
  }

  onAuthentication(code: number, body: Buffer): Error | undefined {
    switch (code) {
      case 0:
        return this.#finish();
      case 3:
        return this.#begin('password', 'a password in the clear');
      case 5:
        return this.#begin('md5', 'an MD5 password');
      case 10:
        return this.#beginSasl(body.toString('utf8').split('\0').filter(Boolean));
      case 11:
      case 12:
        return undefined;
      default:
        return new LoginStopped(
          'method',
          `the server asks for ${methodNames.get(code) ?? `authentication method ${code}`}, which standbylint does not know`,
          methodNames.get(code) === 'GSSAPI' ? 'gss' : undefined,
        );
    }
  }

  #beginSasl(mechanisms: readonly string[]): Error | undefined {
    const plus = mechanisms.includes('SCRAM-SHA-256-PLUS');
    if (!plus && !mechanisms.includes('SCRAM-SHA-256')) {
      const offered = mechanisms.filter((name) => /^[A-Z0-9_-]{1,20}$/u.test(name)).join(', ');
      return new LoginStopped(
        'method',
        `the server offers ${offered === '' ? 'no SASL mechanism' : offered}, which standbylint does not know`,
      );
    }
    this.#bound = plus && this.#client.tls && this.#client.channelBinding !== 'disable';
    return this.#begin('scram-sha-256', 'a SCRAM password');
  }

  #begin(method: string, words: string): Error | undefined {
    this.#method = method;
    const { hasPassword, channelBinding } = this.#client;
    if (channelBinding === 'require' && !this.#bound) {
      return new LoginStopped(
        'channel-binding',
        `channel_binding=require, and the server asks for ${words} without channel binding`,
      );
    }
    if (!isWelcome(method, this.#client.requireAuth)) return this.#unwelcome(words);
    if (!hasPassword)
      return new LoginStopped('no-password', `the server asks for ${words}, but no password is available`);
    return undefined;
  }

  #finish(): Error | undefined {
    if (this.#client.channelBinding === 'require' && !this.#bound) {
      return new LoginStopped(
        'channel-binding',
        'channel_binding=require, and the server let us in without channel binding',
      );
    }
    if (!isWelcome(this.#method ?? 'none', this.#client.requireAuth))
      return this.#unwelcome('no authentication at all');
    this.#done = true;
    return undefined;
  }

  #unwelcome(words: string): LoginStopped {
    return new LoginStopped(
      'require-auth',
      `require_auth=${this.#client.requireAuth}, and the server asks for ${words}`,
      this.#method ?? 'none',
    );
  }
}

function isWelcome(method: string, requireAuth: string): boolean {
  if (requireAuth === '') return true;
  const named = requireAuth.split(',').map((name) => name.trim());
  return named.every((name) => name.startsWith('!')) ? !named.includes(`!${method}`) : named.includes(method);
}

/** Manual: Message Formats, Authentication…; those that need libraries of the system. */
const methodNames: ReadonlyMap<number, string> = new Map([
  [2, 'Kerberos V5'],
  [6, 'SCM credentials'],
  [7, 'GSSAPI'],
  [8, 'GSSAPI'],
  [9, 'SSPI'],
]);
