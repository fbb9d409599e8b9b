#!/usr/bin/perl

# Proves what the build says and does besides compiling: a library that is
# missing is named with its package, as missing packages are; "make" lists its
# targets; the installation spares what an operator has changed.  The libraries
# are probed with nginx's own script, through a compiler that lacks one.

use lib 't/lib';
use ProfileTest;

use Cwd qw(getcwd);
use File::Temp qw(tempdir);

my $top = getcwd();
my $dir = tempdir(CLEANUP => 1);

sub write_to {
    my ($path, $text, $mode) = @_;

    open my $fh, '>', $path or die "$path: $!";
    print $fh $text;
    close $fh;
    chmod $mode // 0644, $path;
}

sub run {
    my ($command) = @_;

    my $out = qx{$command 2>&1 </dev/null};

    return ($? >> 8, $out);
}

# The add-on build script, with nginx's auto/feature and a stand-in for the
# rest of configure.

my $tree = $ENV{PROFILE_TREE} || '/usr/share/nginx/src';

mkdir "$dir/auto";
symlink "$tree/auto/feature", "$dir/auto/feature";
symlink "$tree/auto/have", "$dir/auto/have";

write_to("$dir/auto/module", <<'END');
echo "name=$ngx_module_name type=$ngx_module_type libs=$ngx_module_libs"
for f in $ngx_module_srcs $ngx_module_deps; do echo "file=$f"; done
END

write_to("$dir/configure", <<'END', 0755);
#!/bin/sh
NGX_AUTOTEST=$PWD/autotest
NGX_AUTOCONF_ERR=$PWD/autoconf.err
NGX_AUTO_CONFIG_H=$PWD/ngx_auto_config.h
NGX_INCLUDE_UNISTD_H="#include <unistd.h>"
ngx_addon_dir=$1
CC=$2
. $ngx_addon_dir/config
END

sub configure { return run("cd $dir && ./configure $top $_[0]") }

my ($rc, $out) = configure('gcc');

is($rc, 0, 'config: passes with all libraries') or diag($out);
like($out, qr/name=ngx_http_profile_module type=HTTP_AUX_FILTER/,
     'config: name and place');
like($out, qr/libs=-lyajl -lpcre2-8 -lz$/m, 'config: libraries');

my @files = $out =~ /^file=(.+)$/mg;

cmp_ok(scalar @files, '>', 0, 'config: files');
is_deeply([ grep { !-f } @files ], [], 'config: all of them are there');

my %package = (
    'yajl'    => [ 'yajl', 'libyajl-dev', 'the yajl library' ],
    'pcre2-8' => [ 'pcre2', 'libpcre2-dev', 'the PCRE2 library' ],
    'z'       => [ 'zlib', 'zlib1g-dev', 'the zlib library' ],
);

for my $library (sort keys %package) {
    my ($name, $package, $says) = @{ $package{$library} };

    write_to("$dir/cc", <<"END", 0755);
#!/bin/sh
case " \$* " in
    *' -l$library '*) exit 1 ;;
esac
exec gcc "\$@"
END

    ($rc, $out) = configure("$dir/cc");

    isnt($rc, 0, "config: fails without $name");
    like($out, qr/error: ngx_http_profile_module requires $says/,
         "config: names $name");
    like($out, qr/\b\Q$package\E\b/, "config: names the package of $name");
    unlike($out, qr/^file=/m, "config: goes no further without $name");
}

# Packages, with stand-ins for the tools.

($rc, $out) = run('util/need.sh perl-base');

is($rc, 0, 'packages: all there');
is($out, '', 'packages: nothing to say');

sub need {
    my (%tool) = @_;

    my $bin = tempdir(CLEANUP => 1);

    for my $name (keys %tool) {
        write_to("$bin/$name", "#!/bin/sh\n$tool{$name}\n", 0755);
    }

    symlink "/usr/bin/$_", "$bin/$_" for qw(env sh);

    return run("PATH=$bin /bin/sh util/need.sh one two three");
}

my $two = 'printf "installed:one installed:three not-installed:two "';

($rc, $out) = need('dpkg-query' => $two, 'id' => 'echo 1000');

isnt($rc, 0, 'packages: nobody to install them');
like($out, qr/apt-get install two$/m, 'packages: what to do');

($rc, $out) = need('dpkg-query' => $two, 'id' => 'echo 0',
                   'apt-get' => 'echo "apt: $*"');

is($rc, 0, 'packages: as root');
like($out, qr/^installing Debian packages: two$/m, 'packages: said');
like($out, qr/^apt: .*\binstall -y --no-install-recommends two$/m,
     'packages: installed');

($rc, $out) = need('dpkg-query' => $two, 'id' => 'echo 1000',
                   'sudo' => 'echo "sudo: $*"');

like($out, qr/^sudo: .*apt-get .*install .* two$/m, 'packages: by sudo');

($rc, $out) = need('dpkg-query' => $two, 'id' => 'echo 0',
                   'apt-get' => 'exit 100');

isnt($rc, 0, 'packages: a failure is one');

($rc, $out) = need();

is($rc, 0, 'packages: no Debian');
like($out, qr/one two three/, 'packages: what there has to be');

# make alone.

open my $fh, '<', 'Makefile' or die "Makefile: $!";

my ($phony) = join('', <$fh>) =~ /^\.PHONY: ((?:.*\\\n)*.*)/m;
my $inside = qr/\A(?:\\|help|configure|look|tree|tests|targets|check|measure
                    |endure|sides|FORCE)\z/x;
my @targets = grep { !/$inside/ } split ' ', $phony;

($rc, $out) = run('env -u MAKEFLAGS -u MAKELEVEL make -s');

is($rc, 0, 'make: help');
like($out, qr/^  make \Q$_\E +\w.+/m, "make: says what $_ does") for @targets;

# Installation.

write_to("$dir/module.so", 'module');

my $install = "util/install.sh $dir/module.so /lib/modules /etc/nginx $dir/to";

($rc, $out) = run($install);

is($rc, 0, 'install');
like($out, qr{load_module /lib/modules/module\.so;}, 'install: what to add');
ok(-f "$dir/to/lib/modules/module.so", 'install: the module');

my $schema = "$dir/to/etc/nginx/profile/auth0.conf";

ok(-f $schema, 'install: the schema');
is((run("diff -r conf/profile $dir/to/etc/nginx/profile"))[1], '',
   'install: all of the schema');

# It is loaded last, and once.

my $enabled = "$dir/to/etc/nginx/modules-enabled";

mkdir $enabled;
($rc, $out) = run($install);

is($rc, 0, 'H1.5 install: with modules-enabled');
like($out, qr{load the module last: .*99-mod-http-profile\.conf$}m,
     'H1.5 install: which file to write');

for my $path ('modules', '/lib/modules') {
    write_to("$enabled/50-mod-http-profile.conf",
             "load_module $path/module.so;\n");
    unlink "$enabled/99-mod-http-profile.conf";
    ($rc, $out) = run($install);

    like($out, qr/50-mod-http-profile\.conf to 99-mod-http-profile\.conf/,
         "H1.5 install: moves the old file, $path");
    ok(!-f "$enabled/50-mod-http-profile.conf",
       "H1.5 install: nothing is loaded twice, $path");
    is((run("cat $enabled/99-mod-http-profile.conf"))[1],
       "load_module $path/module.so;\n", "H1.5 install: the new file, $path");
}

($rc, $out) = run($install);
unlike($out, qr/load the module last/, 'H1.5 install: nothing left to say');

write_to("$enabled/50-mod-http-profile.conf", "# mine\n");
unlink "$enabled/99-mod-http-profile.conf";
($rc, $out) = run($install);

like($out, qr/50-mod-http-profile\.conf has been changed/,
     'H1.5 install: says what to do with a file that was changed');
is((run("cat $enabled/50-mod-http-profile.conf"))[1], "# mine\n",
   'H1.5 install: and keeps it');

write_to($schema, "changed\n");

($rc, $out) = run($install);

like($out, qr/auth0\.conf differs/, 'install: sees a change');
is((run("cat $schema"))[1], "changed\n", 'install: keeps it');
ok(-f "$schema.new", 'install: puts its own beside it');

done_testing;
