package ProfileTest::Fuzz::Judge;

# The rules of t/fuzz-http.pl, by their numbers there: what of an exchange broke
# one.  It reads what went over the wire, and of the module what its variables
# said in the access log.

use strict;
use warnings;
no warnings 'surrogate';

use Compress::Raw::Zlib qw(WANT_GZIP Z_OK Z_STREAM_END);

use ProfileTest::Fuzz::JSON qw(read_json members strings);
use ProfileTest::Fuzz::Names;
use ProfileTest::Fuzz::Text qw($SECRET);

# What a place promises.  api: answers have v2 form whatever the backend says.
# users: what must be shown as users.  streams: the header may have left, for
# nginx to hold, before it is known that the body is wrong.  A place that is not
# here promises nothing of responses.

my %FORMS = (
    any    => { users => 'any' },
    if     => { users => 'any', if => sub { $_[0]{v2} =~ /\A(?!0\z)./s } },
    answer => { users => 'any', if => sub { 0 } },
    env    => { users => 'any', envelope => 'users' },
    req    => { users => 'required' },
    none   => { users => 'none', api => 1 },
    api    => { users => 'required', api => 1 },
    list   => { users => 'required', api => 1 },
    nobuf  => { users => 'required', api => 1 },
    small  => { users => 'any', streams => 1 },
    cache  => { users => 'any' },
    gz     => { users => 'any' },
    quick  => { users => 'any' },
    v2     => { users => 'required', api => 1 },
    other  => { users => 'required', api => 1, streams => 1 },
);

my @LOG = qw(id place uri raw method status action reason calls upstream
             upstream_status v2 port protocol);


sub log_format {
    return join '\t', qw($http_x_fuzz $fuzz_place $uri $request_uri
        $request_method $status $profile_action $profile_reason $profile_calls
        $upstream_addr $upstream_status $http_x_v2 $server_port
        $server_protocol);
}


# ports: which servers are the gateway's, and the quick configuration's.

sub new {
    my ($class, %opt) = @_;

    return bless { %opt, names => ProfileTest::Fuzz::Names->new($opt{schema}) },
                 $class;
}


# A line of the access log.

sub line {
    my ($class, $text) = @_;

    my %line;

    @line{@LOG} = map { $_ eq '-' ? '' : s/\\x(..)/chr hex $1/ger }
                  split /\t/, $text, -1;

    return \%line;
}


# What is wrong, a text each: the number of the rule, and why.

sub wrong {
    my ($self, $exchange, $result, @lines) = @_;

    my @wrong;

    push @wrong, "1 $result->{hung}" if $result->{hung} ne '';

    for my $line (@lines) {
        $line->{at} = $self->_at($line);
        $line->{form} = $FORMS{ $line->{at} eq 'v2' && $line->{place} eq 'other'
                                ? 'other' : $line->{at} };
        $line->{form} = undef if $line->{form} && $line->{form}{if}
                                 && !$line->{form}{if}->($line);
    }

    # HTTP/0.9 of a backend passes where nothing is promised, and a client that
    # speaks it gets no head, whatever the status; a damaged number
    # of a stream is one that the client does not know; and of a 304 behind an
    # error_page nginx itself leaves the Content-Length, without a body.

    push @wrong, '1 ' . $result->{broken} =~ s/ at \S+ line.*//sr
        if $result->{broken} ne ''
           && ($exchange->{whole} || $result->{broken} !~ /unknown stream/)
           && ($result->{broken} !~ /not a status line/
               || (grep({ $_->{form} } @lines)
                   && !grep({ $_->{upstream_status} =~ /: [23]04\z/
                              || $_->{status} eq '009'
                              || $_->{protocol} eq '' } @lines)));

    # By the name of a request; what has none is judged with all.

    my %lines;

    push @{ $lines{ $_->{id} } }, $_ for @lines;

    for my $id (sort keys %lines) {
        my @seen = grep { $_->{id} eq $id } @{ $result->{seen} };

        push @wrong, $self->_requests($lines{$id}, @seen);
    }

    push @wrong, $self->_responses($exchange, $result, \%lines);

    return @wrong;
}


# Where a request was answered, as far as nginx said.

sub _at {
    my ($self, $line) = @_;

    my $server = $self->{ports}{ $line->{port} } // '';

    return 'status' if $server eq 'status';
    return $line->{uri} =~ m{\A/v2/users} ? 'quick' : '' if $server eq 'quick';
    return $line->{uri} =~ m{\A/(?:api/v2(?:/.*)?|\.profile/(?:email|password
                                |metadata|bag|delete|create|read))\z}isx
           ? 'v2' : 'v1' if $server eq 'gateway';

    return $line->{uri} =~ m{\A/(\w+)/} ? $1 : '';
}


# Rule 2

sub _requests {
    my ($self, $lines, @seen) = @_;

    my @wrong;
    my @open = grep { $_->{action} ne 'blocked' && $_->{upstream} ne '' }
               @$lines;
    my $line = @open ? $open[0] : $lines->[0];

    # Where the backend has a say the request went there before.

    my $led = join('', map { @{ $_->{answer}{pieces} } } @seen)
              =~ /X-Accel-Redirect/i;

    if (!@open && !$led && !grep { $_->{calls} || $_->{action} eq '' } @$lines)
    {
        push @wrong, "2 $_->{method} $_->{uri} reached the backend, and was"
                     . " $line->{action} $line->{reason}, $line->{status}"
            for @seen;
    }

    return @wrong if !@seen || @open > 1;

    if ($line->{at} eq 'quick') {
        push @wrong, "2 $line->{method} reached the backend"
            if $line->{method} !~ /\A(?:GET|HEAD)\z/;

    } elsif ($line->{at} eq 'v2') {
        push @wrong, map { $self->_call($line, $_) } @seen;

    } elsif ($line->{at} =~ /\A(?:g1|v1)\z/) {
        push @wrong, map { $self->_write_v1($line, $_) } @seen;

    } elsif ($line->{at} =~ /\A(?:g2|gc)\z/) {
        push @wrong, map { $self->_write_v2($line, $_) } @seen;
    }

    return @wrong;
}


sub _unescape { return $_[0] =~ s/%([0-9a-fA-F]{2})/chr hex $1/ger }


# A guarded write of v1; by the gateway only where the path is the very one.

sub _write_v1 {
    my ($self, $line, $request) = @_;

    return () if $request->{body} eq '' || !$request->{complete};

    my ($path) = $line->{raw} =~ /\A([^?]*)/;
    my ($id) = $path =~ m{\A/(?:g1|api/users)/([^/]+)/metadata\z};

    return () if $line->{at} eq 'v1' && !defined $id;

    my ($value, $wrong) = read_json($request->{body});

    return "2 a write is no JSON: $wrong" if $wrong;
    return '2 a write is no object' if $value->[0] ne 'object';

    if (defined $id) {
        $id = _unescape($id);
        utf8::decode($id);
    }

    my $why = $self->{names}->wrong_v1($value,
                                       $self->{names}->providers($id));

    return defined $why ? "2 a write of v1: $why" : ();
}


sub _write_v2 {
    my ($self, $line, $request) = @_;

    return () if $request->{body} eq '' || !$request->{complete};

    my ($value, $wrong) = read_json($request->{body});

    return "2 a write is no JSON: $wrong" if $wrong;
    return '2 a write is no object' if $value->[0] ne 'object';

    my ($provider) = $line->{raw} =~ m{\A/g2/([^?/]+)};
    my $on = $line->{at} eq 'gc' ? 'create' : 'update';

    ($provider) = _unescape($provider) =~ /\A([^|]*)\|/ if defined $provider;
    $provider = $on eq 'update' ? ($provider // '') : undef;

    my $why = $self->{names}->wrong_v2($value, $provider, $on);

    return defined $why ? "2 a write of v2: $why" : ();
}


# A call of the gateway: the right one, and nothing in it that must not be.

sub _call {
    my ($self, $line, $request) = @_;

    my ($path) = $line->{raw} =~ /\A([^?]*)/;
    my $call = "$request->{method} $request->{uri}";
    my $fine = $line->{method} =~ /\A(?:GET|HEAD|DELETE)\z/
               ? $line->{method} : 'GET|PUT|PATCH';

    if ($path eq '/api/v2/users' || $path eq '/api/v2/users-by-email') {
        return () if $call =~ m{\A$line->{method}\x20/api/
                             (?:users|connections/[^/?]+/users)\?}x
                     && $line->{method} =~ /\A(?:GET|HEAD)\z/;
        return "2 $line->{method} $path became $call"
            if $call ne 'POST /api/users/' || $line->{method} ne 'POST';

        return $self->_body($request, undef);
    }

    my ($id) = $path =~ m{\A/api/v2/users/([^/]+)\z};
    my ($segment, $part) = $request->{uri}
        =~ m{\A/api/users/([^/?]+)(?:/(email|password|metadata))?\z};

    return "2 $line->{method} $line->{raw} became $call"
        if !defined $id || !defined $segment
           || _unescape($id) ne _unescape($segment)
           || $request->{method} !~ /\A(?:$fine)\z/
           || ($part && $line->{method} ne 'PATCH');

    return () if $request->{method} !~ /\A(?:PUT|PATCH)\z/;

    return $self->_body($request, _unescape($id), $part);
}


sub _body {
    my ($self, $request, $id, $part) = @_;

    return () if !$request->{complete};

    my $names = $self->{names};
    my ($value, $wrong) = read_json($request->{body});

    return "2 a call is no JSON: $wrong" if $wrong;
    return '2 a call is no object' if $value->[0] ne 'object';

    utf8::decode($id) if defined $id;

    my @providers = defined $id ? $names->providers($id) : '*';
    my %seen;

    for my $member (members($value)) {
        my ($name, $held) = @$member;

        # A clear has nulls for what the bag held, whatever that is.

        next if defined $part && $part eq 'metadata'
                && $held->[0] eq 'other' && $held->[1] eq 'null';

        return "2 a call: $name twice" if $seen{$name}++;

        my $deep = $names->wrong_deep([ 'object', [ $member ] ]);

        return "2 a call: $deep" if defined $deep;

        if (!defined $part) {
            next if $names->writable($name, undef, 'create');

            my $why = $names->denied($name, @providers);

            return "2 a create: $name $why" if $why;

        } elsif ($part eq 'metadata') {
            next if $names->kept($name, $id);

            my $why = $names->denied($name, @providers);

            return "2 a call: $name $why" if $why;
            return "2 a call: $name steers" if $names->steers($name);

        } else {
            return "2 a call for $part: $name"
                if $name ne $part && $name ne 'verify'
                   && !$names->writable($name, undef, 'update');
        }
    }

    return ();
}


# Rules 3, 5 and 6

sub _responses {
    my ($self, $exchange, $result, $lines) = @_;

    my @wrong;
    my %answered;

    for my $r (@{ $result->{responses} }) {
        my $id = $r->header('X-Fuzz') // '';
        my @lines = grep { $_->{status} == $r->status }
                    @{ $lines->{$id} // [] };

        $answered{$id}++;

        # One that nobody knows, or several of one name, is nobody's.

        next if !@lines || grep { $_->{at} ne $lines[0]{at} } @lines;

        my $line = $lines[0];
        my @answers = map { answer($_) }
            $line->{at} eq 'cache' || $line->{at} eq 'page'
            ? map { @$_ } values %{ $exchange->{answers} }
            : map { $_->{answer} }
              grep { $_->{id} eq $id } @{ $result->{seen} };

        push @wrong, $self->_secrets($line, $r, @answers),
                     $self->_form($line, $r, $exchange, @answers)
            if $line->{form};
    }

    return @wrong if !$exchange->{whole};

    for my $line (map { @$_ } values %$lines) {
        push @wrong, "6 no answer: $line->{at} $line->{status} $line->{action}"
                     . " $line->{reason}"
            if $line->{form} && !$line->{form}{streams}
               && ($line->{action} ne 'passed'
                   || ($line->{form}{api}
                       && $line->{form}{users} ne 'none'))
               && !$answered{ $line->{id} }
               && $line->{id} =~ /\.0\z/;
    }

    return @wrong;
}


# What of an answer may be shown in a form: secrets that are not hidden there.

sub _secrets {
    my ($self, $line, $r, @answers) = @_;

    # Lines of a damaged answer may be headers, which are v1's own.

    my @leads = grep { $_->[0] =~ /\A(?:(?:content-)?location|link|refresh
                                     |alt-svc)\z/ix } @{ $r->{headers} };
    my $text = join("\n", map { $_->[1] } @leads)
               . ($r->header('Content-Encoding') ? _inflated($r->body)
                                                 : $r->body);
    my %leaked = map { $_ => 1 } $text =~ /${SECRET}\d+X/g;

    # What stands in headers is hidden by their names.

    delete $leaked{"${SECRET}0X"} if !$line->{form}{api} || !@leads;

    return () if !%leaked;

    delete @leaked{ map { $self->_shown($line, $r, $_) } @answers };

    return () if !%leaked;
    return "3 a secret leaves: $line->{at} $line->{status} $line->{action}"
           . " $line->{reason} " . join ',', sort keys %leaked;
}


sub _shown {
    my ($self, $line, $r, $answer) = @_;

    my $form = $line->{form};

    return $answer->{text} =~ /${SECRET}\d+X/g
        if !$form->{api} && $line->{upstream_status} ne ''
           && $line->{upstream_status} !~ /\b20[01]\z/;

    return $answer->{text} =~ /${SECRET}\d+X/g
        if !$form->{api} && $form->{users} eq 'any'
           && (!$answer->{clean} || $answer->{status} !~ /\A20[01]\z/
               || $answer->{type} ne 'application/json');

    my ($value) = read_json($answer->{text});

    return _secrets_of(map { $_->[1] } grep {
            $_->[0] =~ /\A(?:message|error_description|detail|errorMessage
                          |errors?|title)\z/x
        } members($value)) if $form->{api} && $r->status >= 400;

    return $answer->{text} =~ /${SECRET}\d+X/g if $form->{users} eq 'none';
    return () if !$value;

    my @lists = $value->[0] eq 'array' ? $value : ();

    if ($form->{envelope}) {
        push @lists, grep { $_->[0] eq 'array' } map { $_->[1] }
                     grep { $_->[0] eq $form->{envelope} } members($value);
    }

    my @shown = map { _of_user($self, $_) } grep { _is_user($_) }
                ($value, map { @{ $_->[1] } } @lists);

    return @shown if $form->{users} eq 'required';

    # What is no user passes.

    return (@shown, _secrets_of(
        @lists ? ((grep { !_is_user($_) } map { @{ $_->[1] } } @lists),
                  $value->[0] eq 'array' ? ()
                  : map { $_->[1] } grep { $_->[0] ne $form->{envelope} }
                    members($value))
        : _is_user($value) ? () : $value));
}


sub _secrets_of { return map { /(${SECRET}\d+X)/g } map { strings($_) } @_ }


sub _is_user {
    return scalar grep { $_->[0] eq 'user_id' || $_->[0] eq 'identities' }
                  members($_[0]);
}


# As identity_drop compares.

sub _folded {
    my ($name) = @_;

    return lc($name =~ tr/_\x{17f}\x{212a}/_sk/r) =~ tr/_//dr;
}


sub _of_user {
    my ($self, $user) = @_;

    return map {
        my ($name, $value) = @$_;

        $self->{names}->dropped($name) ? ()
        : _folded($name) eq 'identities' ? _of_identities($value)
        : _secrets_of($value)
    } members($user);
}


sub _of_identities {
    my ($value) = @_;

    return map { _of_identities($_) } @{ $value->[1] }
        if $value->[0] eq 'array';
    return _secrets_of($value) if $value->[0] ne 'object';

    return map { _of_identities($_->[1]) }
           grep { _folded($_->[0]) !~
                  /\A(?:accesstoken|accesstokensecret|refreshtoken)\z/ }
           members($value);
}


# Rules 5 and 6

sub _form {
    my ($self, $line, $r, $exchange, @answers) = @_;

    my $api = $line->{form}{api};
    my $status = $r->status;
    my $said = "$line->{at} $status $line->{action} $line->{reason}";

    return "6 a failed response looks whole: $said"
        if $status < 300 && $r->complete && $line->{action} eq 'failed'
           && $line->{reason} ne 'client' && $line->{method} ne 'HEAD';

    return "6 a rewritten response is not whole: $said " . $r->error
        if !$r->complete && $exchange->{whole} && !$r->timed_out
           && $line->{action} =~ /\A(?:rewritten|upgraded)\z/;

    return () if !$r->complete || $line->{action} eq ''
                 || $line->{method} eq 'HEAD' || $r->{method} eq 'HEAD';

    my $text = $r->text;

    if ($api && $status >= 400) {
        my ($value, $wrong) = read_json($text // '');
        my ($told) = map { $_->[1][1] } grep { $_->[0] eq 'statusCode' }
                     members($value);

        return "5 an error in another form: $said"
            if $wrong || !defined $told || $told ne $status
               || ($r->header('Content-Type') // '') !~ m{\Aapplication/json};
        return ();
    }

    return "5 a status that v2 does not have: $said"
        if $api && $line->{form}{users} ne 'none'
           && $status !~ /\A(?:20[014]|304)\z/;

    return () if $status !~ /\A20[01]\z/ || $line->{form}{users} eq 'none';
    return () if !$api && grep { !$_->{clean} || $_->{status} !~ /\A20[01]\z/
                                 || $_->{type} ne 'application/json' } @answers;
    return "5 broken coding: $said" if !defined $text;
    return () if $text eq '' && $line->{reason} eq 'no_body';
    return () if ($r->header('Content-Type') // '') !~ m{\Aapplication/json}i
                 && !$api;

    my ($value, $wrong) = read_json($text);

    return $wrong ? "5 no JSON: $said $wrong" : ();
}


# What an answer says to who reads it by the letter: status, type, text, and
# whether it is clean, which is that all readers read the same.

sub answer {
    my ($answer) = @_;

    my $bytes = join '', @{ $answer->{pieces} };
    my %said = (text => '', type => '', status => 0, clean => 0);
    my ($head, $body) = $bytes =~ /\A(.*?\r?\n)\r?\n(.*)\z/s
        or return \%said;
    my ($line, @lines) = split /\r\n/, $head, -1;
    my %headers;

    pop @lines;

    $said{clean} = $line =~ m{\AHTTP/1\.[01] (\d{3}) [\x20-\x7e]*\z} ? 1 : 0;
    $said{status} = $1 // 0;

    for my $header (@lines) {
        my ($name, $value) =
            $header =~ /\A([A-Za-z0-9-]+):[ ]*([\x20-\x7e]*?)[ ]*\z/;

        $said{clean} = 0 if !defined $name || $headers{ lc $name };
        $headers{ lc $name } = $value if defined $name;
    }

    my $coding = lc($headers{'transfer-encoding'} // '');
    my $length = $headers{'content-length'};

    if ($coding =~ /chunked/) {
        $body = _dechunked($body);

    } elsif (defined $length && $length =~ /\A\d+\z/) {
        $body = substr $body, 0, $length;
    }

    $said{clean} = 0 if $coding !~ /\A(?:|chunked)\z/
                        || (defined $length
                            && ($coding ne '' || $length !~ /\A\d+\z/));

    $body = _inflated($body) if $body =~ /\A\x1f\x8b/;

    $said{type} = lc(($headers{'content-type'} // '') =~ s/\s*;.*//sr);
    $said{text} = $body;

    return \%said;
}


# As far as it goes

sub _dechunked {
    my ($bytes) = @_;

    my $body = '';

    while ($bytes =~ s/\A([0-9a-fA-F]+)[^\r\n]*\r?\n//) {
        my $size = hex substr $1, -7;

        last if $size == 0;

        $body .= substr $bytes, 0, $size, '';
        $bytes =~ s/\A\r?\n// or last;
    }

    return $body;
}


sub _inflated {
    my ($bytes) = @_;

    my $text = '';

    while ($bytes ne '') {
        my ($z) = Compress::Raw::Zlib::Inflate->new(-WindowBits => WANT_GZIP);
        my $rc = $z->inflate($bytes, my $part);

        $text .= $part // '';
        last if $rc != Z_STREAM_END;
    }

    return $text;
}


1;
