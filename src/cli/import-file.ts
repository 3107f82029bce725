/** `import()` of a file that is none of ours: a file of its own, for in the others scripts/build.mjs makes `require` of `import()`. */
export const importFile = async (url: string): Promise<unknown> => import(url);
