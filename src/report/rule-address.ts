export const home = 'https://github.com/standbylint/standbylint';

/** The page of a rule. */
export const ruleAddress = (id: string): string => `${home}/blob/main/docs/rules/${id}.md`;
