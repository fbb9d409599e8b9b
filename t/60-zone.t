#!/usr/bin/perl

# Proves what a zone keeps: counters split by key, "other" for what finds no
# slot, all of it over reloads and the death of a worker, and nothing over a
# binary upgrade.  A zone that has to be read in another way is refused.  It
# fails when a counter falls, when a key leads to a second series, or when a
# request whose key is known waits for the mutex of the zone.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

use POSIX ();

my $t = ProfileTest->new(log => 'info');

$t->backend({ '*' => { body => '{"user_id":"auth0|1","hobby":"x"}' } });

my $size = 96;

sub conf {
    my (%opt) = @_;

    $opt{size} //= $size . 'k';
    $opt{key} //= '$http_x_key';
    $opt{more} //= '';

    return <<"END";
    include profile/auth0.conf;

    server {
        listen 127.0.0.1:%%PORT%%;
        profile_metrics keyed;
        $opt{more}

        location /api/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
        }

        location /named/ {
            proxy_pass http://%%BACKEND%%;
            profile_guard auth0 mode=v2;
            profile_metrics named;
        }

        location /write/ {
            proxy_pass http://%%BACKEND%%;
            profile_guard auth0 mode=v2;
        }

        location /one/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
            profile_metrics one;
        }

        location = /metrics {
            profile_status prometheus;
        }
    }

    profile_zone keyed $opt{size} "key=$opt{key}";
    profile_zone named 32k;
    profile_zone one 128k key=constant;
END
}

# Once the workers of before have left.

sub reload {
    my @workers = $t->workers;

    return $t->reload && $t->wait_gone(@workers);
}

sub metrics { return ProfileTest::Metrics->of($t) }

sub count {
    my ($key, $m) = @_;

    return ($m // metrics())->sum('users_total', zone => 'keyed',
                                  key => $key);
}

sub get { return $t->get('/api/u', 'X-Key' => $_[0]) }

$t->conf(conf());
$t->start;

# The start.

my $m = metrics();

is_deeply($m->values('users_total', 'key', zone => 'keyed'), [ 'other' ],
          'zone: no key but other at the start');
is_deeply($m->values('users_total', 'key', zone => 'one'), [ 'constant' ],
          'zone: a constant key from the start');
is_deeply($m->values('users_total', 'key', zone => 'named'), [ '' ],
          'zone: no key, one slot');

for my $zone ([ 'keyed', $size ], [ 'named', 32 ], [ 'one', 128 ]) {
    is($m->sum('zone_bytes', zone => $zone->[0]), $zone->[1] * 1024,
       "zone: used and free are all of $zone->[0]");
}

# Keys.

get('a') for 1 .. 3;
get('b');
get('');
$t->get('/one/u');

$m = metrics();

is(count('a', $m), 3, 'key: counts');
is(count('b', $m), 1, 'key: another one');
is(count('', $m), 1, 'key: an empty one is one');
is(count('other', $m), 0, 'key: none is other');
is($m->sum('users_total', zone => 'one', key => 'constant'), 1,
   'key: a constant one counts');
is($m->sum('users_total', zone => 'named'), 0, 'key: zones are apart');

my $free = $m->sum('zone_bytes', zone => 'keyed', state => 'free');

get('c');

cmp_ok(metrics()->sum('zone_bytes', zone => 'keyed', state => 'free'), '<',
       $free, 'zone: a key takes a slot');

my $more = metrics()->sum('zone_bytes', zone => 'keyed', state => 'free');

get('c');

is(metrics()->sum('zone_bytes', zone => 'keyed', state => 'free'), $more,
   'zone: once');

# What cannot be shown as it is, or not told from what is shown, is "other".

my %odd = (
    'not UTF-8'      => "\xff",
    'a cut sequence' => "k\xc3",
    'a surrogate'    => "\xed\xa0\x80",
    'a tab'          => "a\tb",
    'too long'       => 'k' x 121,
    '"other" itself' => 'other',
);

my $other = 0;

for my $name (sort keys %odd) {
    get($odd{$name});
    is(count('other'), ++$other, "key: $name");
}

my %fine = (
    'quotes'     => 'a"b\\c',
    'characters' => "caf\xc3\xa9",
    'long'       => 'k' x 120,
);

for my $name (sort keys %fine) {
    get($fine{$name});
    is(count($fine{$name}), 1, "key: $name");
}

# As many as fit.

my @told = $t->log =~ /(\[warn\].*profile_zone.*)/g;

is(scalar @told, 1, 'log: told once of the first key without a slot');
like($told[0], qr/profile_zone "keyed" has no slot for another key, it (?#
                 )counts under "other"/, 'log: what it says');

my $known = scalar @{ metrics()->values('users_total', 'key',
                                        zone => 'keyed') };
my @keys = map { "key-$_" } 1 .. 40;

get($_) for @keys;

$m = metrics();

my @taken = grep { defined count($_, $m) } @keys;

cmp_ok(scalar @taken, '>', 0, 'slots: some are left');
cmp_ok(scalar @taken, '<', 40, 'slots: not for all');
is_deeply(\@taken, [ @keys[0 .. $#taken] ], 'slots: whoever comes first');
is(count('other', $m), $other + 40 - @taken, 'slots: the rest is other');
is(scalar @{ $m->values('users_total', 'key', zone => 'keyed') },
   $known + @taken, 'slots: one key each');

get($keys[0]);

is(count($keys[0]), 2, 'slots: a key that has one keeps it');

# What the docs promise, for pages of 4k: keys, names, nothing left behind them.

my $docs = $t->read_file($t->top . '/docs/metrics.md');
my %room;

$room{$1} = [ $2, $3, 0 ] while $docs =~ /^\| `(\w+)` \| (\d+) \| (\d+) \|$/mg;

sub room {
    my ($zone, $which, $got) = @_;

  SKIP: {
        skip 'other pages', 1 if POSIX::sysconf(POSIX::_SC_PAGESIZE()) != 4096;
        is($got, $room{$zone}[$which], "docs: room in $zone");
    }
}

room("${size}k", 0, $known - 1 + @taken);

is(scalar(() = $t->log =~ /\[warn\].*profile_zone/g), 1,
   'log: told once in all');

# Names that the guard refused have slots too: those that the schema knows.

my $patch = sub {
    my ($body) = @_;

    return $t->request('POST', '/named/u', ':body' => $body,
                       'Content-Type' => 'application/json')->status;
};

is($patch->('{"picture_large":1,"last_login":1,"zork":1}'), 400,
   'names: refused');

$m = metrics();

is($m->sum('blocked_attributes_total', zone => 'named',
           attribute => 'last_login'), 1, 'names: a name of the schema');
is($m->sum('blocked_attributes_total', zone => 'named',
           attribute => 'other') + ($m->sum('blocked_attributes_total',
           zone => 'named', attribute => 'picture_large') // 0), 2,
   'names: others are other');
ok(!defined $m->sum('blocked_attributes_total', zone => 'named',
                    attribute => 'zork'), 'names: no name of the client');

my $names = scalar @{ $m->values('blocked_attributes_total', 'attribute',
                                 zone => 'named') };
my $named_free = $m->sum('zone_bytes', zone => 'named', state => 'free');

my @known = (slurp_words());

for (my $i = 0; $i < @known; $i += 10) {
    my $last = $i + 9 > $#known ? $#known : $i + 9;

    $patch->('{' . join(',', map { "\"$known[$_]\":1" } $i .. $last) . '}');
}

$m = metrics();

my $slots = scalar @{ $m->values('blocked_attributes_total', 'attribute',
                                 zone => 'named') };

cmp_ok($slots, '>', $names, 'names: more slots');
cmp_ok($slots, '<', scalar @known, 'names: not for all');
room('32k', 1, $slots - 1);
is(scalar(() = $t->log =~ /zone "named" has no slot for another name/g), 1,
   'names: told once');
is($m->sum('blocked_attributes_total', zone => 'named'),
   3 + @known, 'names: each is counted');

# All rows of the table: what is free at the start is room for keys and names,
# and whole pages.  Each of them takes its places in an index besides.

my $key_bytes = $free - $more;
my $name_bytes = ($named_free - $m->sum('zone_bytes', zone => 'named',
                                        state => 'free')) / ($slots - $names);

SKIP: {
    skip 'other words', 1 if length(pack 'J', 0) != 8;

    my ($key, $name) = $docs =~ /takes ([\d.]+) kB .* (\d+) bytes each/s;

    is("$key $name", sprintf('%.1f %d', ($key_bytes + 4 * 8) / 1000,
                             $name_bytes + 4 * 8),
       'docs: what a key and a name take');
}

my $rows = ProfileTest->new;
my $zones = join ' ', map { "profile_zone $_ $_ key=\$host;" } sort keys %room;

$rows->conf(<<"END");
    $zones

    server {
        listen 127.0.0.1:%%PORT%%;

        location = /metrics {
            profile_status prometheus;
        }
    }
END

$rows->start;

my $empty = ProfileTest::Metrics->of($rows);

for my $zone (sort keys %room) {
    my ($keys, $names) = @{ $room{$zone} };
    my $left = $empty->sum('zone_bytes', zone => $zone, state => 'free')
               - $keys * $key_bytes - $names * $name_bytes;

    room($zone, 2, $left % 4096);
}

# Words that the schema knows and that nobody may write.

sub slurp_words {
    my $text = $t->read_file($t->top . '/conf/profile/providers/linkedin.conf')
               . $t->read_file($t->top . '/conf/profile/providers/github.conf')
               . $t->read_file($t->top . '/conf/profile/providers/waad.conf');
    my %words = map { $_ => 1 }
                grep { !/\A(?:name|picture|email|nickname|given_name
                              |family_name|username|phone_number|blocked
                              |password|connection)\z/x }
                map { split ' ' } $text =~ /^\s*provider \S+\s+([\w\s]+);/mg;

    return sort keys %words;
}

# Each key has its own.

for my $key ('a', 'a', 'b', 'of no slot') {
    $t->request('POST', '/write/u', ':body' => '{"last_login":1}',
                'Content-Type' => 'application/json', 'X-Key' => $key);
}

$m = metrics();

my %of = ('a' => 2, 'b' => 1, 'other' => 1);

for my $key (sort keys %of) {
    is($m->sum('blocked_attributes_total', zone => 'keyed', key => $key,
               attribute => 'last_login'), $of{$key}, "names: of $key");
}

ok(!defined $m->sum('blocked_attributes_total', zone => 'keyed', key => 'c',
                    attribute => 'last_login'), 'names: none of c');

# A reload keeps all of it.

my $before = metrics();

ok(reload(), 'reload');

is_deeply([ map { "$_->{name} $_->{labels}{key} $_->{value}" }
            metrics()->samples('users_total') ],
          [ map { "$_->{name} $_->{labels}{key} $_->{value}" }
            $before->samples('users_total') ],
          'reload: all counters');

get('a');

is(count('a'), 4, 'reload: they grow on');

# A worker's death, too.

$t->kill_worker;

is(count('a'), 4, 'killed worker: all counters');

get('a');

is(count('a'), 5, 'killed worker: they grow on');

# Known keys do not wait for the mutex: it is held here, by nobody.  In a slab
# pool it comes first.

my ($start, $end) = mapping($size);

sub mapping {
    my ($kbytes) = @_;

    no warnings 'portable';

    for my $line (split /\n/, $t->read_file("/proc/@{[ $t->pid ]}/maps")) {
        my ($from, $to) = $line =~ /\A(\w+)-(\w+) rw-s/ or next;

        return (hex $from, hex $to) if hex($to) - hex($from) == $kbytes * 1024;
    }

    die "no mapping of ${kbytes}k";
}

sub peek {
    my ($addr, $len) = @_;

    open my $fh, '<:raw', "/proc/@{[ $t->pid ]}/mem" or die "mem: $!";
    sysseek $fh, $addr, 0 or die "mem: $!";
    sysread($fh, my $bytes, $len) == $len or die "mem: $!";

    return $bytes;
}

sub poke {
    my ($addr, $bytes) = @_;

    open my $fh, '+<:raw', "/proc/@{[ $t->pid ]}/mem" or die "mem: $!";
    sysseek $fh, $addr, 0 or die "mem: $!";
    syswrite($fh, $bytes) == length $bytes or die "mem: $!";
}

my $lock = peek($start, 8);

is($lock, pack('Q', 0), 'mutex: is free');
poke($start, pack('Q', 1));

get('a');

is(count('a'), 6, 'mutex: not needed for a known key');

get("\xff");

is(count('other'), $other + 40 - @taken + 1,
   'mutex: nor where all slots are taken');

poke($start, $lock);

# Another key, another layout: refused, and the old configuration runs on.

$t->allow(qr/profile_zone "keyed" (?:uses the key|has the layout)/);

$t->conf(conf(key => '$server_name'));

ok(!$t->reload, 'another key: refused');
like($t->log, qr/\[emerg\].*profile_zone "keyed" uses the key (?#
                )"\$server_name" while previously it used the key (?#
                )"\$http_x_key"/, 'another key: both are named');

get('a');

is(count('a'), 7, 'another key: the old one counts on');

my $bytes = peek($start, $end - $start);
my @places;

# The number of the layout is 0x702..... and the first word of the block.

while ($bytes =~ /(?=[\x00-\xff]{2}[\x20-\x2f]\x70\x00\x00\x00\x00)/g) {
    push @places, pos $bytes if pos($bytes) % 8 == 0;
}

is(scalar @places, 1, 'layout: found');

poke($start + $places[0], pack 'Q', 0x70300000);

$t->conf(conf());

ok(!$t->reload, 'layout: refused');
like($t->log, qr/\[emerg\].*profile_zone "keyed" has the layout (?#
                )70300000 of another version/, 'layout: said so');

poke($start + $places[0], substr $bytes, $places[0], 8);

ok(reload(), 'layout: as it was');
is(count('a'), 7, 'layout: nothing lost');

# Another size, and a binary upgrade, start at zero.

$t->conf(conf(size => $size + 16 . 'k'));

ok(reload(), 'another size');
is_deeply(metrics()->values('users_total', 'key', zone => 'keyed'),
          [ 'other' ], 'another size: empty');
is(count('other'), 0, 'another size: zero');
is(metrics()->sum('users_total', zone => 'one'), 1,
   'another size: only of this zone');

get('a');

is(count('a'), 1, 'another size: counts');

# A binary upgrade.  nginx has to be a daemon for it, and to be looked after
# here.

my $daemon = ProfileTest->new(log => 'info');

my $conf = $daemon->_conf($daemon->expand(<<'END'));
    include profile/auth0.conf;
    profile_zone profiles 64k;

    server {
        listen 127.0.0.1:%%PORT%%;

        location / {
            profile_rewrite auth0;
            profile_metrics profiles;
            default_type application/json;
            return 200 '{"user_id":"auth0|1"}';
        }

        location = /metrics {
            profile_status prometheus;
        }
    }
END

$daemon->conf($conf =~ s/daemon off/daemon on/r, whole => 1);

my @guarded;

sub run {
    system($daemon->_command, '-p', $daemon->dir, '-e', 'stderr',
           '-c', $daemon->dir . '/nginx.conf') == 0 or die 'no nginx';
}

# The process in the file, once it is another one.

sub pid {
    my ($old) = @_;

    my $pid;

    $t->wait(sub {
        ($pid) = $daemon->read_file('nginx.pid') =~ /\A(\d+)\n/;
        return $pid && $pid != $old;
    });

    ProfileTest::Process::guard('+', $pid);
    push @guarded, $pid;

    return $pid;
}

run();

my $old = pid(0);

$daemon->get('/u') for 1 .. 3;

is(ProfileTest::Metrics->of($daemon)->sum('users_total'), 3,
   'binary upgrade: before');

kill 'USR2', $old;

my $new = pid($old);

isnt($new, $old, 'binary upgrade: another master');
kill 'QUIT', $old;
ok($daemon->wait_gone($old), 'binary upgrade: the old one leaves');
is(ProfileTest::Metrics->of($daemon)->sum('users_total'), 0,
   'binary upgrade: starts at zero');

kill 'QUIT', $new;
ok($daemon->wait_gone($new), 'binary upgrade: the end');
ProfileTest::Process::guard('-', $_) for @guarded;

done_testing;
