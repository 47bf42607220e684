/** Writes docs/generated/catalogue.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../schemas/index.js';
import { CATALOGUE_PAGE, catalogueTable } from './catalogue-table.js';

writeFileSync(join(packageRoot, CATALOGUE_PAGE), catalogueTable());
