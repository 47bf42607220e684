const collator = new Intl.Collator('en', { numeric: true });

/** Order of names as people read them: m2 before m10; the same in every locale. */
export const byName = (a: string, b: string): number => collator.compare(a, b);
