export type { Report } from '../schemas/index.js';
