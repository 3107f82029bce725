/** A setting that libpq asks of the server at each login, because the environment has it. */
export interface SessionSetting {
  readonly variable: string;
  /** As the server writes it in its messages. */
  readonly setting: string;
  readonly value: string;
}

/** fe-connect.c, EnvironmentOptions. */
const settingsByVariable: Readonly<Record<string, string>> = {
  PGDATESTYLE: 'DateStyle',
  PGTZ: 'TimeZone',
  PGGEQO: 'geqo',
};

/** The value by which libpq asks for nothing (fe-protocol3.c, build_startup_packet). */
export const nothingAsked = 'default';

/** What the environment makes libpq ask of the server, beside the parameters of the connection. */
export const sessionSettings = (environment: Readonly<Record<string, string | undefined>>): readonly SessionSetting[] =>
  Object.entries(settingsByVariable).flatMap(([variable, setting]) => {
    const value = environment[variable];
    return value === undefined || value.toLowerCase() === nothingAsked ? [] : [{ variable, setting, value }];
  });

/** The variable that asks for the setting of this name. */
export const variableOf = (setting: string): string | undefined =>
  Object.keys(settingsByVariable).find((variable) => settingsByVariable[variable] === setting);
