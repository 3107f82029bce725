import type { Step } from '../findings/report.ts';
import type { StandbyConninfo } from '../facts/standby-configuration.ts';
import { configurationValue, formatConninfo } from '../postgres/conninfo-format.ts';
import { isSecretKeyword } from '../postgres/conninfo-options.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import { mask } from '../postgres/secret.ts';
import { askingForPassword, typedInConninfo } from './asked-password.ts';
import { lineExchanged } from './passfile-line.ts';
import { shellWord } from './quoting.ts';
import { manual, shell } from './remedy.ts';
import { conninfoIntoUse } from './correct-conninfo.ts';
import type { Seen } from './correct-conninfo.ts';
import { placeOf } from '../derived/conninfo-source.ts';

/** Another password in primary_conninfo, in the line where it is, and taken into use. */
export function passwordInConninfo(seen: Seen, conninfo: StandbyConninfo): readonly Step[] {
  const { file, line, written } = conninfo;
  const others = file === undefined ? undefined : withoutPassword(conninfo.text ?? '');
  const apply = conninfoIntoUse(seen);
  if (file === undefined || line === undefined || others === undefined)
    return [manual('standby', `Correct the password in primary_conninfo (${placeOf(conninfo)}).`), apply];
  const start = `primary_conninfo = ${configurationValue(`${others} password=`).slice(0, -1)}''`;
  const end = written?.get(file)?.crlf === true ? String.raw`\r\n` : String.raw`\n`;
  const typed = `printf '%s%s%s${end}' ${shellWord(start)} ${typedInConninfo} "'''"`;
  return [
    {
      ...shell('standby', askingForPassword(lineExchanged(file, line, typed, seen.now)), 'edit-file', file),
      asksPassword: true,
    },
    apply,
  ];
}

/** The other parameters, as they are written; undefined where there is another secret, which is not shown. */
function withoutPassword(text: string): string | undefined {
  const parsed = parseConninfo(text);
  if (!parsed.ok) return undefined;
  const { form, values, settings } = parsed.value;
  if (settings.some(({ keyword }) => keyword !== 'password' && isSecretKeyword(keyword))) return undefined;
  const others =
    form === 'uri'
      ? formatConninfo(values, { secrets: 'left-out' })
      : settings
          .toReversed()
          .reduce(
            (whole, { keyword, at, end }) =>
              keyword === 'password' ? `${whole.slice(0, at)}${whole.slice(end).trimStart()}` : whole,
            text,
          );
  return others.includes(mask) ? undefined : others.trim();
}
