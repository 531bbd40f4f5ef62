/** Turns messages/*.json into typed functions in src/lib/paraglide. Run by `prepare` and before tests. */
import { compile } from '@inlang/paraglide-js';

await compile({
	project: './project.inlang',
	outdir: './src/lib/paraglide',
	strategy: ['localStorage', 'preferredLanguage', 'baseLocale']
});
