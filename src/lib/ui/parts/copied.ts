/** What came of copying something to the clipboard. */
import * as m from '#lib/paraglide/messages.js';

export type Copied = 'no' | 'yes' | 'failed';

/** Empty before anything was copied. */
export function copiedWords(copied: Copied): string {
	switch (copied) {
		case 'no':
			return '';
		case 'yes':
			return m.share_copied();
		case 'failed':
			return m.share_copy_failed();
	}
}
