/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_WOL_H
#define PVE_NET_WOL_H

/* Modes of Wake-on-LAN: the bits WAKE_* of linux/ethtool.h, and the letters that ethtool(8) has
 * for them. */
#define WOL_MAGIC 0x20u
#define WOL_TEXT 9

/* "g", "pumbg", or "d" when there is none. */
char *wol_text(unsigned modes, char text[WOL_TEXT]);
/* The reverse: 0, or -1 when there is another letter. */
int wol_parse(const char *text, unsigned *modes);

#endif
