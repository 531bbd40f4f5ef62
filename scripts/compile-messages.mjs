/** Turns messages/*.json into typed functions in src/lib/paraglide. Run by `prepare`, before tests and before a build. */
import { compile } from '@inlang/paraglide-js';
import { tellLanguages } from './languages.mjs';

tellLanguages();
await compile({
	project: './project.inlang',
	outdir: './src/lib/paraglide',
	strategy: ['localStorage', 'preferredLanguage', 'baseLocale']
});
