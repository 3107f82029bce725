/**
 * A shell command that needs a password: it asks, shows nothing of what is typed, and goes on where something was. It is one
 * command in parentheses, so that the line that was pasted behind it is not taken for the password, and neither is the end
 * of the line that it was pasted with; the terminal shows again what is typed however it ends (POSIX: read has no -s there).
 *
 * @param then what has the password in `"$password"`, and gives it to no program but on its standard input or in its environment
 */
export const askingForPassword = (then: string): string =>
  `(trap 'stty echo' 0; trap 'exit 130' 2; stty -echo; printf 'Password: '; while IFS= read -r password && test -z "$password"; do :; done; echo
test -n "$password" && ${then})`;

/** The password as a field of a password file (fe-connect.c, passwordFromFile). */
export const typedInPassfile = written(String.raw`'s/[:\\]/\\&/g'`);

/**
 * The password as the value of a connection string, in quotes, that stands in the quotes of a configuration file: a
 * backslash of it is there four times (fe-connect.c, conninfo_parse; guc-file.l, DeescapeQuotedString).
 */
export const typedInConninfo = written(String.raw`-e 's/\\/&&&&/g' -e "s/'/\\\\\\\\''/g"`);

/** A builtin of the shell prints it: no list of processes has it. Elsewhere `.` and `[…]` do not fit a byte that is no character. */
function written(sed: string): string {
  return String.raw`"$(printf '%s\n' "$password" | LC_ALL=C sed ${sed})"`;
}
