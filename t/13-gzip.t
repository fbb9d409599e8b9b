#!/usr/bin/perl

# Proves what happens to a content coding of the upstream (H2.4): gzip is
# inflated whatever its pieces and members, what is not whole gzip is an error,
# so is every other coding, and what is inflated is bounded.  It fails when
# bytes of a member's edge are lost, when a cut stream passes for a whole one,
# or when a few bytes from the upstream fill the memory.

use lib 't/lib';
use ProfileTest;

use Compress::Raw::Zlib qw(WANT_GZIP Z_OK Z_FINISH Z_BEST_COMPRESSION crc32);

my $t = ProfileTest->new;

my $v1 = '{"_id":"1","user_id":"a|1","plan":"full"}';
my $v2 = '{"user_id":"a|1","app_metadata":{"plan":"full"},"user_metadata":{}}';
my $list = '[' . join(',', ($v1) x 100) . ']';


# A text, given in parts, to gzip

sub gz {
    my (@parts) = @_;

    my ($z) = Compress::Raw::Zlib::Deflate->new(
        -WindowBits => WANT_GZIP, -AppendOutput => 1,
        -Level => Z_BEST_COMPRESSION);
    my $coded = '';

    for my $part (@parts) {
        $z->deflate($part, $coded) == Z_OK or die 'deflate';
    }

    $z->flush($coded, Z_FINISH) == Z_OK or die 'deflate';

    return $coded;
}


# With a header that has all that a header may have.

sub gz_header {
    my ($text) = @_;

    my $head = "\x1f\x8b\x08\x1e" . "\0" x 4 . "\0\x03"
               . pack('v/a', 'extra') . "name\0comment\0";

    return $head . pack('v', crc32($head) & 0xffff) . substr gz($text), 10;
}

my $mb = ' ' x 1048576;
my $bomb = gz('[', ($mb) x 50, ']');
my $fat = gz("{\"user_id\":\"a|1\",\"plan\":\"", ($mb) x 50, '"}');
my $long = gz('[' . $v1, (',' . join(',', ($v1) x 10000)) x 50, ']');

# More than the few buffers of /few/ hold, coded; each user is another one.

sub many {
    my ($format, $size) = @_;

    return '[' . join(',', map { sprintf $format, $_, 'x' x $size, $_ * 7919 }
                           1 .. 3000) . ']';
}

my $coded = gz($v1);
my $wrong_crc = $coded;
my $wrong_size = $coded;

substr $wrong_crc, -8, 1, chr(ord(substr $coded, -8, 1) ^ 1);
substr $wrong_size, -4, 1, chr(ord(substr $coded, -4, 1) ^ 1);

my %good = (
    'whole'             => $coded,
    'header'            => gz_header($v1),
    'two members'       => gz(substr $v1, 0, 20) . gz(substr $v1, 20),
    'member a byte'     => join('', map { gz($_) } split //, $v1),
    'empty members'     => gz('') . gz($v1) . gz('') . gz(''),
    'headers between'   => gz_header(substr $v1, 0, 5) . gz(substr $v1, 5),
    'stored'            => "\x1f\x8b\x08" . "\0" x 6 . "\x03\1"
                           . pack('vv', length $v1, length($v1) ^ 0xffff)
                           . $v1 . pack('VV', crc32($v1), length $v1),
);

my %bad = (
    'empty'             => '',
    'plain'             => $v1,
    'one byte'          => "\x1f",
    'cut in header'     => substr($coded, 0, 7),
    'header only'       => substr($coded, 0, 10),
    'cut in data'       => substr($coded, 0, 20),
    'cut before crc'    => substr($coded, 0, -8),
    'cut in crc'        => substr($coded, 0, -5),
    'cut in size'       => substr($coded, 0, -1),
    'wrong crc'         => $wrong_crc,
    'wrong size'        => $wrong_size,
    'zlib'              => "\x78\x9c" . substr($coded, 10, -8),
    'text behind'       => $coded . "\n",
    'zeros behind'      => $coded . "\0" x 8,
    'second cut'        => $coded . substr(gz(''), 0, -1),
    'second begun'      => $coded . "\x1f",
    'second wrong'      => $coded . substr(gz(''), 0, -1) . 'x',
    'method'            => "\x1f\x8b\x07" . substr($coded, 3),
    'data'              => substr($coded, 0, 10) . "\xff" x 20,
);

my %coding = (
    'x-gzip'       => [ 'Content-Encoding' => 'x-gzip' ],
    'upper case'   => [ 'content-encoding' => 'GZIP' ],
    'identity, gzip' => [ 'Content-Encoding' => 'identity',
                          'Content-Encoding' => 'gzip' ],
    'gzip, identity' => [ 'Content-Encoding' => 'gzip',
                          'Content-Encoding' => 'identity' ],
);

my %refused = (
    'br'        => [ 'Content-Encoding' => 'br' ],
    'zstd'      => [ 'Content-Encoding' => 'zstd' ],
    'deflate'   => [ 'Content-Encoding' => 'deflate' ],
    'compress'  => [ 'Content-Encoding' => 'compress' ],
    'unknown'   => [ 'Content-Encoding' => 'nothing' ],
    'longer'    => [ 'Content-Encoding' => 'gzipped' ],
    'as long'   => [ 'Content-Encoding' => 'snappy' ],
    'two in one line' => [ 'Content-Encoding' => 'gzip, gzip' ],
    'gzip, br'  => [ 'Content-Encoding' => 'gzip, br' ],
    'two lines' => [ 'Content-Encoding' => 'gzip',
                     'Content-Encoding' => 'gzip' ],
    'br, then gzip' => [ 'Content-Encoding' => 'br',
                         'Content-Encoding' => 'gzip' ],
    'gzip, then br' => [ 'Content-Encoding' => 'gzip',
                         'Content-Encoding' => 'br' ],
);

my @gzip = ('Content-Encoding' => 'gzip');

$t->backend({
    '/plain'    => { body => $v1, headers => [ ETag => '"abc"' ] },
    '/identity' => { body => $v1,
                     headers => [ 'Content-Encoding' => 'identity' ] },
    '/nameless' => { body => $v1, headers => [ 'Content-Encoding' => '' ] },
    '/gzip'     => { body => $coded, headers => [ @gzip, ETag => '"abc"' ] },
    '/twice'    => { body => gz($coded), headers => \@gzip },
    '/list'     => { body => gz($list), headers => \@gzip },
    '/pieces'   => { body => $coded, headers => \@gzip, piece => 3 },
    '/json'     => { body => gz('[' . ' ' x 20000 . 'x'), headers => \@gzip },
    '/missing' => { status => 404, body => $coded, headers => \@gzip },
    '/missing/br' => { status => 404, body => $v1,
                         headers => [ 'Content-Encoding' => 'br' ] },
    '/text'     => { type => 'text/plain', body => $coded,
                     headers => \@gzip },
    '/text/br'  => { type => 'text/plain', body => $v1,
                     headers => [ 'Content-Encoding' => 'br' ] },
    '/bomb'     => { body => $bomb, headers => \@gzip },
    '/fat'      => { body => $fat, headers => \@gzip },
    '/long'     => { body => $long, headers => \@gzip },

    '*' => sub {
        my ($conn, $request) = @_;

        my ($kind, $name) = $request->{uri} =~ m{\A/(\w+)/(.*)\z};

        $name =~ s/%20/ /g;

        return { body => $good{$name}, headers => \@gzip }
            if $kind eq 'good';

        return { body => gz(many('{"user_id":"a|%d","name":"%s","plan":"p%d"}',
                                 $name)), headers => \@gzip }
            if $kind eq 'many';

        return { body => $bad{$name}, headers => \@gzip }
            if $kind eq 'bad';

        # As many chunks as bytes: as many buffers.

        return { body => $good{$name} // $bad{$name}, headers => \@gzip,
                 framing => 'chunked', chunk => 1 }
            if $kind eq 'bytes';

        return { body => $coded, headers => $coding{$name} }
            if $kind eq 'coding';

        return { body => $coded, headers => $refused{$name} };
    },
});

$t->conf(<<'END');
    include profile/auth0.conf;
    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        profile_max_user_size 1m;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        profile_rewrite auth0;
        add_header X-Reason $profile_reason always;

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
            proxy_buffer_size 512;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size 0;
        }

        location /few/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffers 4 4k;
            proxy_busy_buffers_size 8k;
            profile_buffer_size 1k;
            limit_rate 4m;
        }

        location /small/ {
            proxy_pass http://%%BACKEND%%/;
            profile_max_user_size 64k;
        }

        location /gzip/on/ {
            proxy_pass http://%%BACKEND%%/;
            gzip on;
            gzip_types application/json;
            gzip_min_length 0;
            gzip_vary on;
        }

        location /gunzip/ {
            proxy_pass http://%%BACKEND%%/;
            gunzip on;
        }

        location /cache/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_cache cache;
            proxy_cache_key $uri;
            proxy_cache_valid 200 1h;
            add_header X-Cache $upstream_cache_status;
        }

        location /file/ {
            alias %%DIR%%/html/;
            default_type application/json;
            gzip_static always;
        }
    }
END

$t->write_file('html/user.json.gz', $coded);
$t->start;

sub uri { return join('/', '', @_) =~ s/ /%20/gr }

my ($r, $name);


# gzip

for my $path ('', '/unbuffered', '/gunzip', '/cache', '/cache') {
    $r = $t->get("$path/gzip");

    is($r->body, $v2, "H2.4 inflated: $path/gzip");
    is($r->header('content-encoding'), undef, "H2.4 no coding: $path/gzip");
    is($r->header('content-length'), length $v2, "H2.4 length: $path/gzip");
    like($r->header('etag'), qr{\AW/"abc~v2s}, "H2.2 weak ETag: $path/gzip");
}

is($r->header('x-cache'), 'HIT', 'H2.4 gzip from the cache');

$r = $t->get('/file/user.json');

is($r->body, $v2, 'H2.4 gzip from a file');
is($r->header('content-encoding'), undef, 'H2.4 gzip from a file, no coding');

is($t->get('/list')->body, '[' . join(',', ($v2) x 100) . ']',
   'H2.4 a list');
is($t->get('/pieces')->body, $v2, 'H2.4 in pieces');
is($t->get('/unbuffered/pieces')->body, $v2, 'H2.4 in pieces, unbuffered');
is($t->get('/stream/gzip')->body, $v2, 'H2.4 streaming');
is($t->get('/gzip', ':version' => '1.0')->body, $v2, 'H2.4 HTTP/1.0');
is($t->http2_request('GET', '/gzip')->body, $v2, 'H2.4 HTTP/2');

$r = $t->get('/identity');

is($r->body, $v2, 'H2.4 identity');
is($r->header('content-encoding'), undef, 'H2.4 identity is not said');

is($t->get('/nameless')->body, $v2, 'H2.4 no name of a coding');

$r = $t->head('/gzip');

is($r->status, 200, 'H2.4 HEAD');
is($r->header('content-encoding'), undef, 'H2.4 HEAD, no coding');

for $name (sort keys %good) {
    is($t->get(uri('good', $name))->body, $v2, "H2.4 gzip: $name");
    is($t->get(uri('bytes', $name))->body, $v2, "H2.4 gzip, bytes: $name");
    is($t->get(uri('unbuffered', 'bytes', $name))->body, $v2,
       "H2.4 gzip, bytes, unbuffered: $name");
}

for $name (sort keys %coding) {
    $r = $t->get(uri('coding', $name));

    is($r->body, $v2, "H2.4 coding: $name");
    is($r->header('content-encoding'), undef, "H2.4 coding removed: $name");
}


# What is no gzip

for $name (sort keys %bad) {
    for my $kind ('bad', 'bytes') {
        $r = $t->get(uri($kind, $name));

        is($r->status, 502, "H2.4 $kind: $name");
        is($r->header('x-reason'), 'invalid_gzip', "H2.4 $kind, why: $name");
        ok($r->complete, "H2.4 $kind, whole: $name");
    }

    ok(!$t->get(uri('stream', 'bad', $name))->complete,
       "H2.4 streaming, cut: $name");
}

is($t->get('/json')->header('x-reason'), 'invalid_json',
   'H2.4 gzip of what is no JSON');
like($t->get('/json')->body, qr/ at byte 20001\./,
     'H4.1 the offset counts what was inflated');
is($t->get('/twice')->header('x-reason'), 'invalid_json',
   'H2.4 gzip of gzip is inflated once');


# Other codings

for $name (sort keys %refused) {
    $r = $t->get(uri('refused', $name));

    is($r->status, 502, "H2.4 coding refused: $name");
    is($r->header('x-reason'), 'encoding', "H2.4 coding refused, why: $name");
    is($r->header('content-encoding'), undef,
       "H2.4 coding refused, none: $name");
    like($r->body, qr/"errorCode":"invalid_upstream_profile"/,
         "H2.4 coding refused, body: $name");
}

is($t->head(uri('refused', 'br'))->status, 502, 'H2.4 coding refused, HEAD');

for my $uri ('/missing', '/missing/br', '/text', '/text/br') {
    $r = $t->get($uri);

    is($r->header('content-encoding'), $uri =~ /br/ ? 'br' : 'gzip',
       "H1.2 the coding of what passes: $uri");
    ok($r->body eq ($uri =~ /br/ ? $v1 : $coded),
       "H1.2 the bytes of what passes: $uri");
}


# Buffers of the upstream are filled anew while the client is not ready, each
# of which becomes less or more than may wait.

for my $size (map { 10 * $_ } 0 .. 9) {
    $r = $t->get("/few/many/$size");

    ok($r->complete, "H2.4 few buffers and a slow client, whole: $size");
    ok($r->body eq many('{"user_id":"a|%d","name":"%s",'
                        . '"app_metadata":{"plan":"p%d"},"user_metadata":{}}',
                        $size),
       "H2.4 few buffers and a slow client: $size");
}


# Towards the client

for my $uri ('/gzip/on/plain', '/gzip/on/gzip') {
    $r = $t->get($uri, 'Accept-Encoding' => 'gzip');

    is($r->header('content-encoding'), 'gzip', "H2.4 compressed anew: $uri");
    is($r->text, $v2, "H2.4 compressed anew, text: $uri");
    is($r->header('vary'), 'Accept-Encoding',
       "H2.4 compressed anew, Vary: $uri");
    like($r->header('etag'), qr{\AW/"abc~v2s},
         "H2.4 compressed anew, ETag: $uri");
    ok($r->complete, "H2.4 compressed anew, whole: $uri");

    is($t->get($uri)->body, $v2, "H2.4 not for all: $uri");
}

is($t->get('/gzip/on/refused/br', 'Accept-Encoding' => 'gzip')->status, 502,
   'H2.4 an error before gzip');


# M6: what comes out is bounded.  Once to have all that a worker keeps.

SKIP: {
    skip 'memory is that of the checker', 8 if $t->checker;

    my $length = 0;
    my $sink = sub { $length += length $_[0] };

    $t->get('/long', ':sink' => sub { });

    my $before = $t->rss;

    $t->get('/bomb', ':sink' => $sink);
    is($length, length $mb, 'M6.4 so much space passes, and no more');
    cmp_ok($t->peak_rss - $before, '<', 2 << 20, 'M6.1 a bomb of space');

    $length = 0;
    $r = $t->get('/long', ':sink' => $sink);

    ok($r->complete, 'M6.1 many users are whole');
    is($length, (500_001) * (1 + length $v2) + 1, 'M6.1 many users');
    cmp_ok($t->peak_rss - $before, '<', 2 << 20, 'M6.1 a bomb of users');

    $r = $t->get('/small/fat');

    is($r->status, 502, 'M6.1 a bomb in a user');
    is($r->header('x-reason'), 'user_too_large', 'M6.1 a bomb in a user, why');
    cmp_ok($t->peak_rss - $before, '<', 2 << 20, 'M6.1 a bomb in a user');
}

done_testing;
