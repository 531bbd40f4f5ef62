/** What a saved summary calls its columns and rows. */
import type { CsvWords } from '#lib/app/summary/summary-csv.ts';
import * as m from '#lib/paraglide/messages.js';

export const csvWords = (): CsvWords => ({
	what: m.summary_csv_what(),
	who: m.summary_csv_who(),
	when: m.summary_csv_when(),
	value: m.summary_csv_value(),
	listeners: m.summary_listeners(),
	peak: m.summary_peak(),
	spoken: m.summary_csv_spoken(),
	hands: m.summary_hands(),
	reactions: m.summary_reactions(),
	messages: m.summary_messages(),
	unnamed: m.name_unknown()
});
