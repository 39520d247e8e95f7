/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our reading of source lists is the real apt's: hand-made cases, one for each thing that somebody
 * may get wrong. */
#include "apt_oracle.h"

#include "pve-repo/edit.h"

#define U "http://h/d"

/* Each is a whole sources.list. */
static const char *const lists[] = {
	/* Lines, comments, ends. */
	"", "\n", "#", "# x\n", "   \n\t\n", "deb " U " s c", "deb " U " s c\n", "deb " U " s c\r\n",
	"deb " U " s c\n\n\ndeb " U " t c\n", "\tdeb " U " s c\n", "  deb\t" U "\ts\tc \t\n",
	"\rdeb " U " s c\n", "deb " U " s c #x\n", "deb " U " s c#x\n", "deb " U " s #c\n",
	"deb " U "#x s c\n", "deb " U "%23x s c\n", "deb # " U " s c\n", "#deb " U " s c\n",
	"# deb " U " s c\n", "##deb " U " s c\n", "\xef\xbb\xbf" "deb " U " s c\n",
	"deb " U " s c \\\n", "deb " U " s c \\\n d\n", "deb " U " s \\\n", "\fdeb " U " s c\n",
	"deb " U " s c\v\n", "deb\f" U " s c\n", "deb\v" U " s c\n", "deb " U "\fs\fc\n",
	"deb " U "\vs\vc\n", "deb " U " \v s c\n", "deb " U " s \tc\n", "deb " U "\t s c\n",
	"deb " U " s c\n\r\n\r\n", "deb " U "\rs\rc\n", "deb " U " \xe9t\xe9 c\xff\n",
	/* Types. */
	"deb\n", "deb \n", "deb\t\n", "deb-src " U " s c\n", "deb-src\n", "Deb " U " s c\n", "DEB " U " s c\n",
	"rpm " U " s c\n", "deb-udeb " U " s c\n", "deb[arch=amd64] " U " s c\n", "debs " U " s c\n",
	"\"deb\" " U " s c\n", "deb-src: " U " s c\n", "http://h/d s c\n", "x\n", "deb" U " s c\n",
	/* URIs. */
	"deb h s c\n", "deb : s c\n", "deb :/ s c\n", "deb a: s c\n", "deb a:b s c\n", "deb http: s c\n",
	"deb http:/ s c\n", "deb http:// s c\n", "deb http:/// s c\n", "deb http://h s c\n",
	"deb http://h/ s c\n", "deb http://h// s c\n", "deb http://h/a//b s c\n", "deb HTTP://H/D s c\n",
	"deb http://h:80/d s c\n", "deb http://h:0/d s c\n", "deb http://h:x/d s c\n",
	"deb http://[::1]/d s c\n", "deb http://[::1]:80/d s c\n", "deb http://[::1/d s c\n",
	"deb http://u@h/d s c\n", "deb http://u:p@h/d s c\n", "deb http://u:p@x@h/d s c\n",
	"deb http://u%40v:p%3a@h/d s c\n", "deb http://@h/d s c\n", "deb http://:p@h/d s c\n",
	"deb http://u:@h/d s c\n", "deb http://h/a@b s c\n", "deb file:/a/b s c\n", "deb file:///a/b s c\n",
	"deb file:a s c\n", "deb file://a/b s c\n", "deb copy:/a s c\n", "deb ftp://h/d s c\n",
	"deb ssh://u@h/d s c\n", "deb cdrom:[Disc 1]/ s c\n", "deb cdrom:[Disc # 1]/ s c\n",
	"deb cdrom:[a:b]/ s c\n", "deb cdrom:[a/b]/ s c\n", "deb cdrom:[a]b/ s c\n", "deb cdrom:[a/ s c\n",
	"deb cdrom:[]/ s c\n", "deb cdrom:a]/ s c\n", "deb mirror+file:/etc/m s c\n",
	"deb tor+http://h/d s c\n", "deb http://h/$(ARCH) s c\n", "deb http://$(ARCH).h/$(ARCH)/x s c\n",
	"deb http://h/$(ARC s c\n", "deb http://h/%7eu s c\n", "deb http://h/~u s c\n",
	"deb http://h/a%20b s c\n", "deb http://h/a%2 s c\n", "deb http://h/a%zz s c\n",
	"deb http://h/a%25b s c\n", "deb http://h/a+b s c\n", "deb http://h/?q=1&r s c\n",
	"deb http://h:1:2/d s c\n", "deb x+y-z.1://h/d s c\n", "deb ://h s c\n", "deb //h:/ s c\n",
	"deb http://h/d;x s c\n", "deb http://h/\xc3\xa9 s c\n", "deb a:/b:/c s c\n",
	/* Words. */
	"deb\n" U " s c\n", "deb " U "\n", "deb " U " s\n", "deb " U " s c d e\n", "deb " U " s c c\n",
	"deb \"" U "\" s c\n", "deb " U " \"s\" \"c\"\n", "deb " U " s \"c d\"\n", "deb " U " s \"c d\n",
	"deb " U " s c\"d e\"f\n", "deb " U " s \"\"\n", "deb \"\" s c\n", "deb " U " s m%61in\n",
	"deb " U " s a%20b\n", "deb " U " %73 c\n", "deb " U " s c[d e]f\n", "deb " U " s c[d\n",
	"deb " U " s [\n", "deb " U " s ]\n", "deb " U " s \"a[b\"\n", "deb " U " s \"a]b\"\n",
	"deb " U " s [a\"b] c\n", "deb file:\"/a b\"/c s c\n", "deb file:///a/\"mount point\"/x s c\n",
	"deb \"file:///a/mount point/x\" s c\n", "deb " U " s c,d\n", "deb " U " s,t c\n",
	"deb " U " s 'c d'\n", "deb " U " s c\"\n", "deb " U " \"s c\n", "deb " U " s c%\n",
	"deb " U " s/updates c\n", "deb " U " s-updates c/d\n", "deb " U " s c %zz\n", "deb " U " s %5b c\n",
	/* Flat. */
	"deb " U " /\n", "deb " U " ./\n", "deb " U " a/\n", "deb " U " a/b/\n", "deb " U " ./ c\n",
	"deb " U " / c\n", "deb " U " .\n", "deb " U " $(ARCH)/\n", "deb " U " $(ARCH) c\n",
	"deb " U " s $(ARCH)\n", "deb-src " U " ./\n", "deb " U " ./ #x\n", "deb " U " // \n",
	"deb " U " a%2f\n", "deb " U " \"./\"\n", "deb " U " x+y/\n", "deb " U " x~y c\n", "deb " U " \"a b/\"\n",
	/* Options. */
	"deb [] " U " s c\n", "deb [ ] " U " s c\n", "deb [arch=amd64] " U " s c\n",
	"deb [ arch=amd64 ] " U " s c\n", "deb [arch=amd64 ]" U " s c\n", "deb [arch=amd64]" U " s c\n",
	"deb [ arch=amd64]" U " s c\n", "deb [a = b] " U " s c\n", "deb [a=] " U " s c\n",
	"deb [=b] " U " s c\n", "deb [ab] " U " s c\n", "deb [abc] " U " s c\n", "deb [a=b] " U " s c\n",
	"deb [ab=] " U " s c\n", "deb [ab= ] " U " s c\n", "deb [=ab] " U " s c\n", "deb [ =ab ] " U " s c\n",
	"deb [\"arch=amd64\"] " U " s c\n", "deb [arch=\"amd64\"] " U " s c\n",
	"deb [arch=amd64,i386] " U " s c\n", "deb [arch=amd64,,i386] " U " s c\n",
	"deb [arch=,amd64] " U " s c\n", "deb [arch=amd64,] " U " s c\n", "deb [arch=amd64, i386] " U " s c\n",
	"deb [arch=i386 arch=amd64] " U " s c\n", "deb [arch=arm64] " U " s c\n", "deb [arch=all] " U " s c\n",
	"deb [arch+=arm64] " U " s c\n", "deb [arch-=i386] " U " s c\n", "deb [arch-=all] " U " s c\n",
	"deb [arch-=amd64,i386] " U " s c\n", "deb [arch=amd64 arch+=i386,amd64] " U " s c\n",
	"deb [arch+=all] " U " s c\n", "deb [Arch=amd64] " U " s c\n", "deb [ARCH=amd64] " U " s c\n",
	"deb [lang=fr] " U " s c\n", "deb [lang=none] " U " s c\n", "deb [lang+=fr] " U " s c\n",
	"deb [lang-=de] " U " s c\n", "deb [lang-=de,en] " U " s c\n", "deb [lang-=de,en,none] " U " s c\n",
	"deb [lang=fr,de] " U " ./\n", "deb [target=Packages] " U " s c\n",
	"deb [target=Translations] " U " s c\n", "deb [target=Nothing] " U " s c\n",
	"deb [target-=Translations] " U " s c\n", "deb [target-=Packages] " U " s c\n",
	"deb [target+=Packages] " U " s c\n", "deb [Packages=no] " U " s c\n", "deb [Packages=yes] " U " s c\n",
	"deb [Packages=maybe] " U " s c\n", "deb [Translations=no] " U " s c\n", "deb [packages=no] " U " s c\n",
	"deb [target=Translations Packages=yes] " U " s c\n", "deb-src [Sources=no] " U " s c\n",
	"deb-src [Packages=no] " U " s c\n", "deb [pdiffs=no] " U " s c\n", "deb [pdiffs=yes] " U " s c\n",
	"deb [pdiffs=x] " U " s c\n", "deb [PDiffs=no] " U " s c\n", "deb [by-hash=force] " U " s c\n",
	"deb [by-hash=no] " U " s c\n", "deb [by-hash=x] " U " s c\n", "deb [unknown=x] " U " s c\n",
	"deb [signed-by=/k] " U " s c\n", "deb [signed-by=/k,/l] " U " s c\n", "deb [signed-by=k] " U " s c\n",
	"deb [signed-by=ABCDEF0123456789ABCDEF0123456789ABCDEF01] " U " s c\n",
	"deb [signed-by=abcdef0123456789abcdef0123456789abcdef01!] " U " s c\n",
	"deb [signed-by=0xABCDEF0123456789ABCDEF0123456789ABCDEF01] " U " s c\n",
	"deb [signed-by=ABCDEF0123456789] " U " s c\n", "deb [signed-by=/k,x] " U " s c\n",
	"deb [signed-by=,] " U " s c\n", "deb [signed-by=,/k] " U " s c\n",
	"deb [signed-by=ABCDEF0123456789ABCDEF0123456789ABCDEF01x] " U " s c\n",
	"deb [Signed-By=k] " U " s c\n", "deb [signed-by=\"/a b\"] " U " s c\n",
	"deb [signed-by=/a%20b] " U " s c\n", "deb [trusted=yes] " U " s c\n", "deb [trusted=x] " U " s c\n",
	"deb [check-valid-until=no] " U " s c\n", "deb [valid-until-min=x] " U " s c\n",
	"deb [allow-insecure=yes] " U " s c\n", "deb [inrelease-path=x] " U " s c\n",
	"deb [arch=amd64][signed-by=/k] " U " s c\n", "deb [arch=amd64] [signed-by=/k] " U " s c\n",
	"deb [arch=amd64 " U " s c\n", "deb [arch=amd64\n", "deb [\n", "deb []\n", "deb [arch=amd64]\n",
	"deb [arch=amd64#x] " U " s c\n", "deb [arch=amd64 #x] " U " s c\n", "deb [#] " U " s c\n",
	"deb [arch=a[b]c] " U " s c\n", "deb [arch=\"a]\"] " U " s c\n", "deb [arch=\"a b\"] " U " s c\n",
	"deb [arch=a%5d ] " U " s c\n", "deb [arch=amd64\tlang=en] " U " s c\n",
	"deb [arch=amd64]\t" U "\ts\tc\n", "deb\t[arch=amd64]\t" U " s c\n", "deb [[arch=amd64]] " U " s c\n",
	"deb [ [arch=amd64] ] " U " s c\n", "deb [arch==amd64] " U " s c\n", "deb [arch=a=b] " U " s c\n",
	"deb ] " U " s c\n", "deb []] " U " s c\n", "deb [arch=amd64 ] ] " U " s c\n",
	"deb [target=Packages,Translations target-=Packages] " U " s c\n",
	/* Several lines of one repository. */
	"deb " U " s c\ndeb " U " s c\n", "deb " U " s c\ndeb " U "/ s d\n", "deb " U " s c\ndeb-src " U " s c\n",
	"deb http://h/d s c\ndeb https://h/d s c\n", "deb http://h/d s c\ndeb https://h/d s d\n",
	"deb http://u@h/d s c\ndeb http://h/d s c\n", "deb http://h/d s c\ndeb http://H/d s c\n",
	"deb [trusted=yes] " U " s c\ndeb " U " s d\n", "deb [trusted=yes] " U " s c\ndeb [trusted=no] " U " s d\n",
	"deb [trusted=yes] " U " s c\ndeb [trusted=1] " U " s d\n",
	"deb [trusted=x] " U " s c\ndeb [trusted=no] " U " s d\n",
	"deb [trusted=yes] " U " s c\ndeb [trusted=no] " U " t d\n",
	"deb [check-date=no] " U " s c\ndeb " U " s d\n",
	"deb [check-valid-until=no] " U " s c\ndeb [check-valid-until=off] " U " s d\n",
	"deb [valid-until-min=1] " U " s c\ndeb [valid-until-min=2] " U " s d\n",
	"deb [valid-until-min=1] " U " s c\ndeb " U " s d\n", "deb " U " s c\ndeb [valid-until-min=1] " U " s d\n",
	"deb [valid-until-max=1] " U " s c\ndeb [valid-until-max=01] " U " s d\n",
	"deb [date-max-future=1] " U " s c\ndeb [date-max-future=3] " U " s d\n",
	"deb [signed-by=/k] " U " s c\ndeb " U " s d\n", "deb " U " s c\ndeb [signed-by=/k] " U " s d\n",
	"deb [signed-by=/k] " U " s c\ndeb [signed-by=/l] " U " s d\n",
	"deb [signed-by=/k] " U " s c\ndeb [signed-by=,/k] " U " s d\n",
	"deb [signed-by=/k] " U " s c\ndeb [signed-by=/k] " U " s d\n",
	"deb " U " s c\ndeb [signed-by=/k] " U " s d\ndeb " U " s e\n",
	"deb [signed-by=abcdef0123456789abcdef0123456789abcdef01] " U " s c\n"
	"deb [signed-by=ABCDEF0123456789ABCDEF0123456789ABCDEF01] " U " s d\n",
	"deb [allow-insecure=yes] " U " s c\ndeb " U " s d\n", "deb " U " s c\ndeb [allow-weak=yes] " U " s d\n",
	"deb [allow-insecure=no] " U " s c\ndeb " U " s d\n",
	"deb [allow-downgrade-to-insecure=yes] " U " s c\ndeb " U " s d\n",
	"deb [inrelease-path=a] " U " s c\ndeb [inrelease-path=b] " U " s d\n",
	"deb [inrelease-path=a] " U " s c\ndeb " U " s d\n", "deb " U " / \ndeb " U " ./\n",
	"deb [arch=amd64] " U " s c\ndeb [arch=i386] " U " s c\n",
	"deb [lang=en] " U " s c\ndeb [lang=fr] " U " s c\n", "deb " U " s c\nbad\ndeb " U " s d\n",
	"deb [trusted=yes] http://a/d s c\ndeb [trusted=no] https://a/d s c\n",
	/* The guide's. */
	"deb http://ftp.debian.org/debian buster main contrib\n"
	"deb http://ftp.debian.org/debian buster-updates main contrib\n\n# security updates\n"
	"deb http://security.debian.org/debian-security buster/updates main contrib\n",
	"deb https://enterprise.proxmox.com/debian/pve buster pve-enterprise\n",
	"deb http://download.proxmox.com/debian/ceph-luminous buster main\n",
};

#define S "URIs: " U "\nSuites: s\nComponents: c\n"
#define T "Types: deb\n"

/* Each is a whole *.sources. */
static const char *const stanzas[] = {
	/* Stanzas, comments, ends. */
	"", "\n", "\n\n\n", "#", "# x\n", " \n", "x", "xy", "xyz", "wxyz", "x\n", "xy\n", "xyz\n", "wxyz\n",
	T S, T S "\n", T "URIs: " U "\nSuites: s\nComponents: c", "\n" T S, "\n\n\n" T S, T S "\n\n\n\n" T S,
	T S "\n" "Types: deb-src\n" S, T S " \n" "Types: deb-src\n" S, T S "\t\n" T "URIs: http://i/\nSuites: s\nComponents: c\n",
	"Types: deb\r\nURIs: " U "\r\nSuites: s\r\nComponents: c\r\n",
	"Types: deb\r\nURIs: " U "\r\nSuites: s\r\nComponents: c\r\n\r\nTypes: deb-src\r\nURIs: " U "\r\nSuites: t\r\nComponents: c\r\n",
	T S "\r\n" T "URIs: " U "\nSuites: t\nComponents: c\n", T S "\n\r\r\n" T S, T S "\n\r", "\r\n" T S, "\r" T S,
	"# x\n" T S, "# x\n\n" T S, T "# x\n" S, T S "# x\n", T S "\n# x\n", T S "\n# x\n\n" T "URIs: " U "\nSuites: t\nComponents: c\n",
	T S "# x\n\n" T "URIs: " U "\nSuites: t\nComponents: c\n", T S "\n# x\n# y\n" T "URIs: " U "\nSuites: t\nComponents: c\n",
	"#" T "#" S, "# " T, " # x\n" T S, T S " # x\n", T S "#", T S "# x", T S "\n#\n\n#\n", "##\n" T S "##\n",
	"\xef\xbb\xbf" T S, T "\f\n" S, T "\v\n" S, " " T S, "\t" T S, T " " S,
	"X-Only: y\n", T S "\nX-Only: y\n", "\n#\n" T S,
	/* Fields. */
	"types: deb\nuris: " U "\nSUITES: s\ncomponents: c\n", "Types : deb\n" S, "Types:deb\n" S, "Types:\tdeb\n" S, "Types\t:  deb  \n" S,
	"Types:\n deb\n" S, "Types:\n\tdeb\n" S, "Types: deb\n deb-src\n" S, "Types: deb\n\tdeb-src\n" S, "Types: deb deb-src\n" S,
	"Types: deb\tdeb-src\n" S, "Types: deb  \n  \n" S, "Types: deb deb\n" S, "Types:\n" S, "Types: \n" S, "Types:" , "Types: deb", S,
	"Types: Deb\n" S, "Types: rpm\n" S, "Types: deb rpm\n" S, "Types: deb,deb-src\n" S, "Types: deb # x\n" S, "Types: \"deb\"\n" S,
	T T S, T S T, "Types: deb-src\n" T S, T "Types: deb-src\n" S, T "types: deb-src\n" S, T S "URIs: http://i/\n", T S "Suites: t\n", T S "Components: d\n",
	T S "Components:\n", T "garbage\n" S, T "garbage\nX-Y: z\n" S, T S "garbage\n", T S "garbage\nX-Y: z\n", T S "x\n", T S "\nx\n", T S "\nxyz\n",
	T S ":\n", T S ": x\n", T S ":x:y\n", T S "X-Repolib-Name: y\n", T S "Description: y\n z\n .\n", T S "X-A: b:c\n",
	T "URIs: " U "\nSuites: s\nComponents:\n c\n# d\n e\n", T "URIs: " U "\nSuites: s\nComponents:\n c\n # d\n e\n",
	T "URIs: " U "\nSuites: s\nComponents:\n c\n \n e\n", T "URIs: " U "\nSuites: s\nComponents:\n c\n\n e\n", T "URIs: " U "\nSuites: s\nComponents: c # d\n",
	T "URIs: " U "\nSuites: s\nComponents: c,d\n", T "URIs: " U "\nSuites: s\nComponents: c d  e\n", T "URIs: " U "\nSuites: s t\nComponents: c d\n",
	T "URIs: " U " http://i/e\nSuites: s t\nComponents: c d\n", T "URIs: " U "\n http://i/e\nSuites: s\nComponents: c\n", T "URIs: " U "," U "\nSuites: s\nComponents: c\n",
	T "URIs: h\nSuites: s\nComponents: c\n", T "URIs:\nSuites: s\nComponents: c\n", T "Suites: s\nComponents: c\n", T "URIs: " U "\nComponents: c\n", T "URIs: " U "\nSuites: s\n",
	T "URIs: " U "\nSuites:\nComponents: c\n", T "URIs: " U " h\nSuites: s\nComponents: c\n", T "URIs: cdrom:[A]/\nSuites: s\nComponents: c\n", T "URIs: cdrom:[A B]/\nSuites: s\nComponents: c\n",
	T "URIs: file:/a%20b\nSuites: s\nComponents: c\n", T "URIs: \"" U "\"\nSuites: s\nComponents: c\n", T "URIs: http://h/$(ARCH)\nSuites: $(ARCH)\nComponents: $(ARCH)\n",
	T "URIs: " U "\nSuites: m%61in\nComponents: c\n", T "URIs: " U "#x\nSuites: s\nComponents: c\n", T "URIs: http://u:p@h/\nSuites: s\nComponents: c\n",
	T "URIs: " U "\nSuites: s\nComponents: \"c d\"\n", T "URIs: " U "\nSuites: s [a] c\nComponents: c\n", T "URIs: " U "\nSuites: \xe9\nComponents: \xff\n",
	/* Flat. */
	T "URIs: " U "\nSuites: ./\n", T "URIs: " U "\nSuites: /\n", T "URIs: " U "\nSuites: ./\nComponents: c\n", T "URIs: " U "\nSuites: ./ s\nComponents: c\n",
	T "URIs: " U "\nSuites: ./ a/\n", T "URIs: " U "\nSuites: ./ s\n", T "URIs: " U "\nSuites: $(ARCH)/\n", T "URIs: " U "\nSuites: ./\nComponents:\n",
	/* Enabled. */
	T S "Enabled: no\n", T S "Enabled: yes\n", T S "Enabled: false\n", T S "Enabled: FALSE\n", T S "Enabled: without\n", T S "Enabled: off\n", T S "Enabled: disable\n", T S "Enabled: 0\n",
	T S "Enabled: 00\n", T S "Enabled: 0x0\n", T S "Enabled: 1\n", T S "Enabled: 2\n", T S "Enabled: -1\n", T S "Enabled:\n", T S "Enabled: \n", T S "Enabled: nope\n", T S "Enabled: No \n",
	T S "Enabled: no # x\n", T S "Enabled: false # x\n", T S "Enabled:\n no\n", T S "Enabled:\n\tno\n", T S "Enabled:no\n", T S "Enabled: no yes\n", T S "Enabled: no,\n", T S "Enabled: n\n",
	T S "Enabled: no\nEnabled: yes\n", T S "Enabled: yes\nEnabled: no\n", T S "enabled: no\n", T "Enabled: no\n", T "Enabled: no\nURIs: h\n", "Types: rpm\nEnabled: no\n", "Enabled: no\n",
	"Types: deb rpm\nEnabled: no\n", T "Enabled: no\nSuites: ./\nComponents: c\n", T S "Enabled: disabled\n", T S "Enabled: 0 \n", T S "Enabled: +0\n", T S "Enabled:  +1\n",
	/* Options. */
	T S "Architectures: amd64\n", T S "Architectures: amd64 i386\n", T S "Architectures: amd64,i386\n", T S "Architectures: amd64, i386\n", T S "Architectures:\n amd64\n arm64\n", T S "Architectures:\n",
	T S "Architecture: amd64\n", T S "architectures: amd64\n", T S "Architectures-Add: arm64\n", T S "Architectures-Remove: i386\n", T S "Architectures-Remove: all\n", T S "Architectures: all\n",
	T S "Architectures: amd64\nArchitectures: i386\n", T S "Languages: fr\n", T S "Languages: fr it\n", T S "Languages-Add: fr\n", T S "Languages-Remove: de\n", T S "Languages: none\n", T S "Languages:\n",
	T S "Targets: Packages\n", T S "Targets-Remove: Translations\n", T S "Targets-Add: X\n", T S "Targets:\n", T S "Packages: no\n", T S "PDiffs: no\n", T S "pdiffs: no\n", T S "PDiffs:\n",
	T S "By-Hash: force\n", T S "By-Hash: no\n", T S "By-Hash:\n", T S "Signed-By: /k\n", T S "Signed-By: k\n", T S "Signed-By: /k /l\n", T S "Signed-By:\n /k\n /l\n", T S "Signed-By:\n",
	T S "Signed-By: ABCDEF0123456789ABCDEF0123456789ABCDEF01\n", T S "Signed-By: ABCDEF01 23456789ABCDEF0123456789ABCDEF01\n", T S "Signed-By: /k\nSigned-By: l\n", T S "Signed-By: l\nSigned-By: /k\n",
	T S "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----\n", T S "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n",
	T S "Signed-By:\n\t/k\n", T S "Trusted: yes\n", T S "Trusted:\n", T S "Check-Valid-Until: no\n", T S "Valid-Until-Min: 5\n", T S "Allow-Insecure: yes\n", T S "allow-insecure: yes\n",
	T S "Inrelease-Path: x\n", T S "Check-Date: no\nDate-Max-Future: 5\n", T S "Unknown: x\n", T S "arch: amd64\n", T S "signed-by: k\n", T S "Include: x\n",
	/* Several of one repository. */
	T S "\n" T S, T S "\n" T S "Trusted: yes\n", T S "Trusted: yes\n\n" T S "Trusted: yes\n", T S "Trusted: yes\n\n" T S "Trusted: no\n", T S "Signed-By: /k\n\n" T S, T S "\n" T S "Signed-By: /k\n",
	T S "Signed-By: /k\n\n" T S "Signed-By: /l\n", T S "Signed-By: /k\n\n" T S "Signed-By: /l\nEnabled: no\n", T S "Signed-By: /k\n\n" T S "Signed-By:\n", T S "Signed-By: /k /l\n\n" T S "Signed-By: /k,/l\n",
	T S "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n  abc\n\n" T S "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n abc\n",
	T S "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n abc\n\n" T S "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n abd\n",
	T "URIs: http://h/d https://h/d\nSuites: s\nComponents: c\n", T "URIs: " U "\nSuites: s s\nComponents: c c\n",
	T S "\nbad\n", "bad\n\n" T S, T S "\nTypes: rpm\n\n" T S,
	/* Proxmox VE 9. */
	"Types: deb\nURIs: https://enterprise.proxmox.com/debian/pve\nSuites: trixie\nComponents: pve-enterprise\nSigned-By: /usr/share/keyrings/proxmox-archive-keyring.gpg\n",
};

/* What apt refuses, made a comment: it reads the rest as we do. */
static bool disabled_same(struct oracle *o, const char *name, const char *text)
{
	bool list = strcmp(name, "sources.list") == 0;
	PVE_BUF now = {0};

	pve_buf_puts(&now, text);
	for (int step = 0; step < 9; step++) {
		struct repo_sources s = {.arch = "amd64"};
		struct repo_edits edits = {0};
		struct pve_buf next = {0};
		bool refused;

		repo_sources_add(&s, list ? "/x.list" : "/x.sources",
				 (struct pve_span){pve_buf_str(&now), now.len});
		refused = s.diags.errors;
		if (refused)
			repo_edit_comment(&edits, s.file[0], s.diags.v[0].line);
		repo_edits_apply(&edits, s.file[0]->text, &next);
		repo_edits_done(&edits);
		repo_sources_done(&s);
		pve_buf_done(&now);
		now = next;
		if (!refused) {
			struct oracle_file f = {name, {pve_buf_str(&now), now.len}};

			return !step || oracle_same(o, &f, 1);
		}
	}
	print_error("still refused: %s\n", pve_buf_str(&now));
	return false;
}

static void check_all(const char *name, const char *const *text, size_t n)
{
	struct oracle o;
	size_t bad = 0;

	oracle_new(&o);
	for (size_t i = 0; i < n; i++) {
		struct oracle_file f = {name, pve_span(text[i])};

		bad += !oracle_same(&o, &f, 1);
		bad += !disabled_same(&o, name, text[i]);
	}
	oracle_done(&o);
	print_message("%zu files\n", n);
	assert_int_equal(bad, 0);
}

static void lists_are_read_as_by_apt(void **state)
{
	(void)state;
	check_all("sources.list", lists, sizeof(lists) / sizeof(*lists));
}

static void stanzas_are_read_as_by_apt(void **state)
{
	(void)state;
	check_all("x.sources", stanzas, sizeof(stanzas) / sizeof(*stanzas));
}

static void nul_bytes_end_a_line_and_are_refused_in_stanzas(void **state)
{
	static const char list[] = "deb " U " s c\0 d\ndeb " U " t c\n";
	static const char stanza[] = T S "\n" T "URIs: " U "\nSuites: s\0t\nComponents: c\n";
	struct oracle_file f = {"sources.list", {list, sizeof(list) - 1}};
	struct repo_sources s = {.arch = "amd64"};
	struct oracle o;

	(void)state;
	oracle_new(&o);
	assert_true(oracle_same(&o, &f, 1));
	oracle_done(&o);
	repo_sources_add(&s, "/x.sources", (struct pve_span){stanza, sizeof(stanza) - 1});
	assert_int_equal(s.diags.errors, 1);
	assert_int_equal(s.diags.v[0].line, 8);
	assert_int_equal(s.nentries, 0);
	repo_sources_done(&s);
}

/* What the apt of other releases makes of these; the one that runs here is beside us in all other
 * cases.  (debmetaindex.cc of 2.2 and 3.0, SetSignedBy and NormalizeSignedBy.) */
static void other_releases_have_other_apts(void **state)
{
	static const char set_then_not[] = "deb [signed-by=/k] " U " s c\ndeb " U " s d\n";
	static const char two[] = "deb [signed-by=/k] " U " s c\ndeb [signed-by=/l] " U " s d\n";
	static const char not_then_set[] = "deb " U " s c\ndeb [signed-by=/k] " U " s d\n";
	static const char key[] = T S "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQ\n"
				  " -----END PGP PUBLIC KEY BLOCK-----\n";
	static const struct {
		const char *path, *text;
		unsigned apt;
		size_t errors;
	} cases[] = {
		{"/x.list", set_then_not, 0, 1},   {"/x.list", set_then_not, 202, 1},
		{"/x.list", set_then_not, 206, 1}, {"/x.list", set_then_not, 300, 0},
		{"/x.list", not_then_set, 206, 0}, {"/x.list", not_then_set, 300, 0},
		{"/x.list", two, 206, 1},	   {"/x.list", two, 300, 1},
		{"/x.sources", key, 0, 0},	   {"/x.sources", key, 108, 1},
		{"/x.sources", key, 202, 1},	   {"/x.sources", key, 206, 0},
		{"/x.sources", key, 300, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct repo_sources s = {.arch = "amd64", .apt = cases[i].apt};

		repo_sources_add(&s, cases[i].path, pve_span(cases[i].text));
		repo_sources_conflicts(&s);
		if (s.diags.errors != cases[i].errors)
			fail_msg("case %zu: %zu errors", i, (size_t)s.diags.errors);
		repo_sources_done(&s);
	}
}

/* Entries of several files meet. */
static void files_are_read_as_by_apt(void **state)
{
	static const struct oracle_file f[][3] = {
		{{"sources.list", {"deb " U " s c\n", 17}}, {"a.list", {"deb " U " s c\n", 17}}, {"a.sources", {T S, strlen(T S)}}},
		{{"B.list", {"deb " U " s c\n", 17}}, {"a.list", {"deb " U " s c\n", 17}}, {"C.sources", {T S, strlen(T S)}}},
		{{"a.list", {"deb [trusted=yes] " U " s c\n", 31}}, {"a.sources", {T S, strlen(T S)}}, {"b.list", {"\n", 1}}},
		{{"a:b.list", {"deb " U " s c\n", 17}}, {"a.sources.list", {"deb " U " t c\n", 17}}, {"a..list", {"deb " U " u c\n", 17}}},
		{{"a.list", {"deb " U " s c\n", 17}}, {"b.list", {"bad\n", 4}}, {"c.sources", {T S, strlen(T S)}}},
	};
	struct oracle o;

	(void)state;
	oracle_new(&o);
	for (size_t i = 0; i < sizeof(f) / sizeof(*f); i++) {
		/* Ours gets them in apt's order: the main one, then by name. */
		struct oracle_file sorted[3] = {f[i][0], f[i][1], f[i][2]};

		for (int k = 0; k < 2; k++)
			for (int n = 0; n < 2; n++)
				if (strcmp(sorted[n].name, "sources.list") != 0 &&
				    strcmp(sorted[n].name, sorted[n + 1].name) > 0) {
					struct oracle_file swap = sorted[n];

					sorted[n] = sorted[n + 1];
					sorted[n + 1] = swap;
				}
		assert_true(oracle_same(&o, sorted, 3));
	}
	oracle_done(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_as_by_apt),
		cmocka_unit_test(stanzas_are_read_as_by_apt),
		cmocka_unit_test(nul_bytes_end_a_line_and_are_refused_in_stanzas),
		cmocka_unit_test(other_releases_have_other_apts),
		cmocka_unit_test(files_are_read_as_by_apt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
