/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_TEXT_H
#define CIP_TEXT_H

/*
 * Make one line of UTF-8 of a sentence that quotes names and words of others, and may have been cut: each byte that is
 * a control character's, or no part of a whole character, becomes '?'.
 */
void text_clean(char *text);

#endif
