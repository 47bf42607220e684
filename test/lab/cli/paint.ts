type Env = Readonly<Record<string, string | undefined>>;

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

export type Paint = (style: keyof typeof codes, text: string) => string;

/** Colours on a terminal that wants them, else the text as it is. */
export const paintFor = (stream: { readonly isTTY?: boolean }, env: Env): Paint => {
  const on = stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return (style, text) => (on ? `\u001b[${codes[style]}m${text}\u001b[0m` : text);
};
