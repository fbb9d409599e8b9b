package ProfileTest::Fuzz::Text;

# What t/fuzz-http.pl makes by chance: names, ids, JSON texts, profiles with
# secrets in the places that v2 does not show, and texts that are damaged.  All
# chance is that of rand().

use strict;
use warnings;

use Exporter qw(import);
use IO::Compress::Gzip qw(gzip);
use POSIX qw(floor);

our @EXPORT_OK = qw(any chance between spell id value object profile body
                    chunked damage pieces packed $SECRET @TYPES begin);

# Each secret is this and a number.

our $SECRET = 'S3CRET';

our @PROVIDERS = qw(auth0 facebook github google-oauth2 samlp sms email custom
                    linkedin acme);

our @PROTECTED = qw(
    email email_verified name nickname picture user_id identities lastLogin
    last_login last_ip loginsCount created_at updated_at blocked _id __tenant
    clientID global_client_id family_name username phone_number v2_id
    age_range link birthday first_name context plan avatar_url followers bio
    urn:oid:2:5:4:42
);

our @FREE = qw(hobby color theme seats tier lang x a um_color um_picture
               am_plan am_role am_user_id um_ am_ pref nested);

our @SPECIAL = qw(app_metadata user_metadata metadata password connection
                  verify_email client_id verify_password __proto__ constructor
                  prototype users total a.b $set app_metadata.x);

my @TOKENS = qw(access_token refresh_token access_token_secret);

my %WORDS = (
    a => [ "\x{e0}", "\x{ff41}", "\x{430}", "A\x{301}", "\x{aa}" ],
    e => [ "\x{e9}", "\x{ff45}", "e\x{301}", "\x{435}" ],
    i => [ "\x{131}", "\x{130}", "\x{ef}", "\x{ff49}" ],
    k => [ "\x{212a}", "\x{ff4b}" ],
    n => [ "\x{f1}", "\x{207f}" ],
    o => [ "\x{ba}", "\x{f6}", "\x{ff4f}" ],
    s => [ "\x{17f}", "\x{15b}", "\x{ff53}" ],
    _ => [ "\x{ff3f}", "\x{203f}", '-', '' ],
    '|' => [ "\x{ff5c}", '||', '|' ],
);

my @INVISIBLE = ("\x{200b}", "\x{ad}", "\x{300}", "\x{feff}", "\x{2060}", ' ',
                 "\x{1f}", "\x{0}", "\x{180e}");

our @TYPES = ('application/json', 'application/json', 'application/json',
             'application/json', 'application/json; charset=utf-8',
             'Application/JSON ;charset="UTF-8"', 'application/json;',
             'application/merge-patch+json', 'application/hal+json',
             'text/plain', 'text/html', 'text/event-stream', '', 'x',
             'application/x-www-form-urlencoded', 'application/jsonp',
             'application/json, text/plain', 'multipart/form-data; boundary=x');

my ($secrets, @samples);


sub any     { return $_[rand @_] }
sub chance  { return rand() < $_[0] }
sub between { return $_[0] + floor(rand($_[1] - $_[0] + 1)) }


# An exchange begins: its secrets are counted anew.

sub begin { $secrets = 0 }

sub secret { return qq("$SECRET) . ++$secrets . qq(X") }


# The bodies that are shipped for the tests, with secrets for tokens.

sub samples {
    my ($class, $dir) = @_;

    for my $path (sort glob "$dir/*.v1.json $dir/invalid/*.json") {
        open my $fh, '<:raw', $path or die "$path: $!";
        local $/;
        my $text = <$fh>;

        push @samples, $text if length $text < 20000;
    }
}


# A name in another spelling, as text of characters.

sub spell {
    my ($name) = @_;

    return $name if chance(0.6);

    my @letters = split //, $name;
    my $at = int rand @letters;
    my $how = int rand 9;

    return $name if !@letters;

    if ($how == 0) {
        return uc $name;

    } elsif ($how == 1) {
        return ucfirst $name;

    } elsif ($how == 2) {
        my @known = grep { $WORDS{ lc $letters[$_] } } 0 .. $#letters;

        return $name if !@known;

        $at = any(@known);
        $letters[$at] = any(@{ $WORDS{ lc $letters[$at] } });

    } elsif ($how == 3) {
        splice @letters, $at, 0, any(@INVISIBLE);

    } elsif ($how == 4) {
        return any('am_', 'um_', 'AM_', ' ', '$', 'x.') . $name;

    } elsif ($how == 5) {
        return $name . any(' ', "\x{0}", '[]', '[a]', '.x', "\x{d800}",
                           "\x{200d}", '=1');

    } elsif ($how == 6) {
        return $name =~ s/fi/\x{fb01}/r =~ s/st/\x{fb06}/r =~ s/ss/\x{df}/r;

    } elsif ($how == 7) {
        return $name =~ s/_(\w)/uc $1/ger;

    } else {
        $letters[$at] = uc $letters[$at];
    }

    return join '', @letters;
}


# A text as a string of JSON: bytes, some of them escaped.

sub quote {
    my ($text) = @_;

    return qq("$text") if $text =~ /\A[\x20\x21\x23-\x5b\x5d-\x7e]*\z/
                          && chance(0.9);

    my $quoted = '';

    for my $char (split //, $text) {
        my $code = ord $char;

        if ($char eq '"' || $char eq '\\') {
            $quoted .= "\\$char";

        } elsif ($code < 0x20 || ($code >= 0xd800 && $code < 0xe000)
                 || ($code < 0x10000 && chance(0.1)))
        {
            $quoted .= sprintf any('\u%04x', '\u%04X'), $code;

        } else {
            utf8::encode(my $bytes = $char);
            $quoted .= $bytes;
        }
    }

    return qq("$quoted");
}


sub name {
    return quote(spell(any(chance(0.5) ? @FREE
                           : chance(0.7) ? @PROTECTED : @SPECIAL)));
}


sub space { return chance(0.9) ? '' : any(' ', "\n", "\t ", "\r\n  ") }


# Any value, not too deep.

sub value {
    my ($depth) = @_;

    my $how = rand;

    return any('1', '0', '-0', '1e400', '1.50', 'true', 'false', 'null',
               '123456789012345678901234567890') if $how < 0.3;
    return quote(any('red', 'surf', '', "\x{e9}t\x{e9}", "\x{1f600}", 'a"b\\',
                     'x' x between(1, 300), '</script>', '{"user_id":1}'))
        if $how < 0.7 || $depth <= 0;

    return '[' . join(',', map { space() . value($depth - 1) }
                           1 .. between(0, 3)) . ']' if $how < 0.8;

    return object($depth - 1);
}


sub object {
    my ($depth, @more) = @_;

    my @members = (@more, map { member(name(), value($depth)) }
                          1 .. between(0, 4));

    return braces(@members);
}


sub member { return $_[0] . space() . ':' . space() . $_[1] }

sub braces {
    my @members = @_;

    @members[$_, $_ + 1] = @members[$_ + 1, $_]
        for grep { chance(0.3) } 0 .. $#members - 1;

    return '{' . space() . join(',' . space(), @members) . space() . '}';
}


sub provider { return any(@PROVIDERS) }

# The id of a user, as text of characters.

sub id {
    my $number = any(1, 10, 'abc', 'a/b', 'a//b', '', '..', '../x', 'x/..',
                     "\x{e9}", '%7C', '%2F..', 'a b', 'https://idp.example/1',
                     '1;x', '1#', '1?', "\x{0}", '/x', 'x/', '.', '..;a=b')
        if chance(0.3);

    return spell(provider()) . any('|', '|', '|', '|', '||', '', "\x{ff5c}")
           . ($number // between(1, 99));
}


# One identity, with secrets under the names of tokens.

sub _identity {
    my ($depth) = @_;

    my @members = map { member(quote(_token()), _hidden()) } 1 .. between(0, 3);

    push @members, member('"provider"', quote(provider()));
    push @members, member('"profileData"', object(1, map {
        member(quote(_token()), _hidden()) } 0 .. between(-1, 1)))
        if chance(0.4);
    push @members, member(name(), value(1)) if chance(0.3);
    push @members, member('"more"', '[' . _identity($depth - 1) . ']')
        if $depth > 0 && chance(0.2);

    return braces(@members);
}


sub _token {
    my $name = any(@TOKENS);
    my $how = rand;

    return $name if $how < 0.5;
    return $name =~ s/_(\w)/uc $1/ger if $how < 0.6;
    return uc $name if $how < 0.7;
    return $name =~ s/s/\x{17f}/r if $how < 0.8;
    return $name =~ s/k/\x{212a}/r if $how < 0.9;
    return $name =~ s/_/__/r . any('', '_');
}


sub _hidden {
    my $secret = secret();

    return $secret if chance(0.7);
    return any("[$secret]", qq({"t":$secret}), qq([[{"a":[$secret]}],1]));
}


# A user as v1 shows it.

sub profile {
    my @members = (member('"user_id"', quote(id())));

    push @members, member(quote(chance(0.8) ? 'identities'
                                : any('Identities', 'IDENTITIES', 'identitie_s',
                                      "identitie\x{17f}")),
                          any('[%s]', '[%s]', '[[%s]]', '%s', '[]', '[1,%s]')
                          =~ s/%s/_identity(1)/er)
        for 1 .. any(0, 1, 1, 1, 1, 2);

    push @members, member('"_id"', secret()) if chance(0.3);
    push @members, member(name(), value(2)) for 1 .. between(0, 8);
    push @members, member(quote(any(qw(app_metadata user_metadata metadata))),
                          chance(0.4) ? object(2)
                          : chance(0.4) ? value(1) : any('null', '[]', '"x"'))
        for 1 .. between(0, 2);

    return braces(@members);
}


# The body of an answer, or of a request in the wrong direction.

sub body {
    my $how = rand;

    return profile() if $how < 0.35;
    return '[' . join(',', map { profile() } 1 .. between(0, 5)) . ']'
        if $how < 0.55;
    return '[' . join(',', (profile(), profile()) x between(5, 200)) . ']'
        if $how < 0.57;
    return _sample() if @samples && $how < 0.75;
    return '[' . join(',', map { chance(0.4) ? profile() : chance(0.5)
                                 ? value(2) : '[' . profile() . ']' }
                           1 .. between(1, 4)) . ']' if $how < 0.8;
    return braces(member('"users"', '[' . join(',', map { profile() }
                                               1 .. between(0, 3)) . ']'),
                  map { member(name(), value(1)) } 1 .. between(0, 2))
        if $how < 0.85;
    return any('{"user":', '{"data":{"users":[', '[[') . profile()
           . any('}', ']}}', ']]') if $how < 0.88;
    return _error() if $how < 0.94;
    return any('', ' ', 'OK', '<html>' . secret() . '</html>', '[]', '{}',
               'null', '1', "\xef\xbb\xbf" . profile(),
               '[' x between(100, 140) . profile() . ']' x 130,
               '{"user_id":' x between(100, 130) . '1' . '}' x 130);
}


sub _error {
    my $text = quote(any('The user does not exist.', 'x' x 600, "a\nb", ''));

    return braces(member(quote(any(qw(message error error_description detail
                                      stack code))), any($text, value(1))),
                  member('"stack"', secret()),
                  chance(0.5) ? member('"error"', $text) : ());
}


sub _sample {
    my $text = any(@samples);

    $text =~ s/("(?:access_token|refresh_token|access_token_secret|_id)"\s*:\s*)
               "[^"\\]*"/$1 . secret()/gex;

    return $text;
}


# Some bytes are not what they were.

sub damage {
    my ($bytes, $times) = @_;

    for (1 .. $times // between(1, 3)) {
        my $length = length $bytes;
        my $at = int rand($length + 1);
        my $size = between(1, any(1, 4, 40));
        my $how = int rand 6;

        if ($how == 0 && $at < $length) {
            substr($bytes, $at, 1) = chr(int rand 256);

        } elsif ($how == 1 && $at < $length) {
            substr($bytes, $at, $size) = '';

        } elsif ($how == 2) {
            substr($bytes, $at, 0) = any('"', '{', '}', '[', ']', ',', ':',
                '\\', "\0", "\r\n", "\n", ' ', "\xff", "\xc0\xaf", '\u0000',
                '\ud800', "\xed\xa0\x80", '/*', '0', '-', ';', '%', "\r\n\r\n",
                '0' . "\r\n\r\n");

        } elsif ($how == 3 && $at < $length) {
            substr($bytes, $at, 0) = substr $bytes, $at, $size;

        } elsif ($how == 4 && $at < $length) {
            my $from = int rand $length;

            substr($bytes, $at, $size) = substr $bytes, $from, $size;

        } elsif ($how == 5 && chance(0.3)) {
            $bytes = substr $bytes, 0, $at;
        }
    }

    return $bytes;
}


# A body in chunks, written in all the ways that are right.

sub chunked {
    my ($body) = @_;

    my $text = '';

    while ($body ne '') {
        my $part = substr $body, 0, any(1, 7, 100, 4000, 60000), '';

        $text .= sprintf any("%x\r\n", "%X\r\n", "0%x\r\n", "%x;a=b\r\n"),
                         length $part;
        $text .= "$part\r\n";
    }

    return $text . "0\r\n" . any('', '', '', "X-Trailer: 1\r\n") . "\r\n";
}


# Bytes in pieces.

sub pieces {
    my ($bytes) = @_;

    return ($bytes) if chance(0.6) || length $bytes < 2;

    my @cuts = sort { $a <=> $b } map { between(1, length($bytes) - 1) }
                                  1 .. between(1, 4);
    my ($from, @pieces) = (0);

    for my $cut (@cuts, length $bytes) {
        push @pieces, substr $bytes, $from, $cut - $from if $cut > $from;
        $from = $cut;
    }

    return @pieces;
}


sub packed {
    my ($bytes) = @_;

    gzip(\$bytes => \my $packed, -Minimal => 1, Time => 0);

    return $packed;
}


1;
