package Legacy::App;

# The legacy API v1: routes on the raw path, v1's answers and v1's errors.

use strict;
use warnings;

use Mojo::Base 'Legacy::Web';

use Legacy::Answer qw(json ok error no_user invalid refused user_exists
                      oauth_error unauthorized);
use Legacy::Json qw(members text string);
use Legacy::Database;
use Legacy::Token;
use Legacy::Url qw(split_target arguments without with_argument);

use constant {
    PER_PAGE => 100,
    PASSWORD_LENGTH => 6,
    TOKEN_SECONDS => 24 * 3600,
    LINK_SECONDS => 300,
};

has [qw(require_auth token)];

# Paths are matched as v1's framework did it: before decoding, without regard
# to case, with or without a slash at the end.  A capture is one segment.

my @ROUTES = map { [$_->[0], qr{\A$_->[1]/?\z}i, $_->[2]] } (
    [GET => '/api/users', \&_list_all],
    [POST => '/api/users', \&_create],
    [DELETE => '/api/users', \&_delete_all],
    [GET => '/api/users/([^/]+)', \&_read],
    [DELETE => '/api/users/([^/]+)', \&_delete],
    [PUT => '/api/users/([^/]+)/email', \&_set_email],
    [PUT => '/api/users/([^/]+)/password', \&_set_password],
    [GET => '/api/users/([^/]+)/metadata', \&_read_metadata],
    [PUT => '/api/users/([^/]+)/metadata', \&_replace_metadata],
    [PATCH => '/api/users/([^/]+)/metadata', \&_patch_metadata],
    [GET => '/api/users/([^/]+)/logs', \&_read_log],
    [POST => '/api/users/([^/]+)/change_password_ticket', \&_password_ticket],
    [POST => '/api/users/([^/]+)/verification_ticket', \&_email_ticket],
    [POST => '/api/users/([^/]+)/send_verification_email', \&_send_email],
    [GET => '/api/connections/([^/]+)/users', \&_list_connection],
    [GET => '/api/socialconnections/users', \&_list_social],
    [GET => '/api/enterpriseconnections/users', \&_list_enterprise],
);

my @OPEN_ROUTES = (
    [POST => qr{\A/oauth/token/?\z}i, \&_issue_token],
    [GET => qr{\A/lo/(reset|verify_email)/?\z}i, \&_use_ticket],
);

my %KIND = (reset => 'password', verify_email => 'email');

my %REQUIRED = (
    auth0 => ['email', 'password'],
    email => ['email'],
    sms => ['phone_number'],
);

sub startup {
    my ($self) = @_;

    $self->SUPER::startup;
    $self->token(Legacy::Token->new($self->store->setting('secret')));
}

sub paths { return @ROUTES }

sub unknown { return [404, 'text/plain', "Cannot $_[1] $_[2]"] }

sub failed { return invalid(@_[1, 2]) }

sub gate {
    my ($self, $request, $method, $path, $query) = @_;

    my ($handler, @segments) = $self->find($method, $path, @OPEN_ROUTES);
    return $self->$handler($request, $query, @segments) if $handler;

    return unauthorized()
        if $self->require_auth && !$self->_authorized($request, $path, $query);

    return;
}

sub _authorized {
    my ($self, $request, $path, $query) = @_;

    my $arguments = arguments($query);
    my $header = $request->headers->authorization // '';
    my $bearer = $header =~ /\ABearer +(\S+)\s*\z/i
        ? $1 : $arguments->{access_token};

    return $self->token->verify('api', $bearer) if defined $bearer;

    # the links to next pages carry a signature, so that clients can follow
    # them without a header

    return $request->method =~ /\A(?:GET|HEAD)\z/
        && defined $arguments->{bewit}
        && $self->token->verify(_link_scope($path, without($query, 'bewit')),
                                $arguments->{bewit});
}

sub _issue_token {
    my ($self, $request) = @_;

    my $body = $request->body;
    my %value;

    if (($request->headers->content_type // '') =~ m{\A\s*application/json}i) {
        my $members = $self->body_members($request);
        $value{$_->[0]} = text($_->[2]) for @$members;

    } else {
        %value = %{arguments($body)};
    }

    return oauth_error(401, 'access_denied', 'Unauthorized')
        if !length($value{client_id} // '')
           || !length($value{client_secret} // '');

    return oauth_error(403, 'unsupported_grant_type',
                       'The grant type must be client_credentials')
        if ($value{grant_type} // '') ne 'client_credentials';

    my $token = $self->token->issue('api', TOKEN_SECONDS);

    return [200, 'application/json',
            qq({"access_token":"$token","token_type":"bearer"})];
}

sub _list_all { return _list(@_[0 .. 2], 'all') }
sub _list_social { return _list(@_[0 .. 2], 'social') }
sub _list_enterprise { return _list(@_[0 .. 2], 'enterprise') }

sub _list_connection {
    my ($self, $request, $query, $connection) = @_;

    defined $self->store->strategy($connection)
        or die error(404, 'The connection does not exist.');

    return $self->_list($request, $query, 'connection', $connection);
}

sub _list {
    my ($self, $request, $query, $scope, $connection) = @_;

    my $arguments = arguments($query);
    my $page = $self->natural($arguments->{page}, 0);
    my $per_page = $self->natural($arguments->{per_page}, PER_PAGE);
    my $terms = _terms($arguments->{search} // '');

    # one more than asked for tells whether there is a next page

    my $documents = $self->store->list($scope, $connection, $terms,
                                       $per_page + 1, $page * $per_page);
    my $more = @$documents > $per_page;
    pop @$documents if $more;

    my %headers;
    $headers{Link} = $self->_next($request, $page + 1) if $more && $per_page;

    return [200, 'application/json', '[' . join(',', @$documents) . ']',
            %headers];
}

sub _next {
    my ($self, $request, $page) = @_;

    my ($path, $query) = split_target($request->target);
    $query = with_argument(without($query, 'bewit'), 'page', $page);

    $query .= '&bewit=' . $self->token->issue(_link_scope($path, $query),
                                              LINK_SECONDS)
        if $self->require_auth;

    return '<' . $self->url_base($request) . qq($path?$query>; rel="next");
}

sub _link_scope {
    my ($path, $query) = @_;

    return "link $path?$query";
}

# "field:value" and field:"two words" any number of times, all of which must
# match; anything else is the beginning of a name or an e-mail address.

sub _terms {
    my ($search) = @_;

    $search =~ s/\A\s+|\s+\z//g;
    return [] if !length $search;

    my $term = qr/([A-Za-z_]\w*):\s*(?:"([^"]*)"|([^\s"]+))/;

    if ($search !~ /\A$term(?:\s+(?:AND\s+)?$term)*\z/) {
        $search =~ s/\A"(.*)"\z/$1/s;
        return [[undef, $search]];
    }

    my @terms;
    push @terms, [$1, $2 // $3] while $search =~ /$term/g;

    return \@terms;
}

sub _read {
    my ($self, $request, $query, $user_id) = @_;

    return json($self->store->document($user_id) // die no_user());
}

sub _read_metadata {
    my ($self, $request, $query, $user_id) = @_;

    return json($self->_user($user_id)->{metadata});
}

sub _replace_metadata {
    my ($self, $request, $query, $user_id) = @_;

    my $user = $self->_user($user_id);

    return json($self->store->replace_metadata($user,
        $self->body_members($request)));
}

sub _patch_metadata {
    my ($self, $request, $query, $user_id) = @_;

    my $user = $self->_user($user_id);

    return json($self->store->patch_metadata($user,
        $self->body_members($request)));
}

sub _set_email {
    my ($self, $request, $query, $user_id) = @_;

    my $user = $self->_user($user_id);
    my $email = _email(_values($self->body_members($request))->{email});

    $user->{strategy} =~ /\A(?:auth0|email)\z/
        or die refused('email', $user);

    my $other = $self->store->taken($user->{connection}, $email);
    die user_exists() if defined $other && $other != $user->{id};

    $self->store->set_email($user, $email);
    $self->store->log_event($user, 'sce');

    return ok();
}

sub _set_password {
    my ($self, $request, $query, $user_id) = @_;

    my $user = $self->_user($user_id);
    my $value = _values($self->body_members($request));
    my $password = _password($value->{password});

    $user->{strategy} eq 'auth0' or die refused('password', $user);

    $self->store->set_password($user, $password);
    $self->store->log_event($user, 'scp');

    return ok();
}

# What has happened to a user, by the letters that v1 has for it.

sub _read_log {
    my ($self, $request, $query, $user_id) = @_;

    my $user = $self->_user($user_id);
    my $arguments = arguments($query);
    my $page = $self->natural($arguments->{page}, 0);
    my $per_page = $self->natural($arguments->{per_page}, 50);

    return json('[' . join(',', @{$self->store->events($user, $per_page,
                                                       $page * $per_page)})
                . ']');
}

sub _password_ticket {
    my ($self, $request, $query, $user_id) = @_;

    my $user = $self->_user($user_id);
    my $value = _values($self->body_members($request));

    $user->{strategy} eq 'auth0' or die refused('password', $user);

    return $self->_ticket($request, $user, 'reset', $value,
                          defined $value->{newPassword}
                          ? _password($value->{newPassword}) : undef);
}

sub _email_ticket {
    my ($self, $request, $query, $user_id) = @_;

    return $self->_ticket($request, $self->_user($user_id), 'verify_email',
                          _values($self->body_members($request)));
}

sub _ticket {
    my ($self, $request, $user, $way, $value, $password) = @_;

    my $url = $value->{resultUrl};

    $url = text($url) // die invalid(400, 'resultUrl is a string')
        if defined $url;

    my $id = $self->store->add_ticket($user, $KIND{$way}, $url, $password);

    return json('{"ticket":' . string($self->url_base($request)
                                      . "/lo/$way?ticket=$id") . '}');
}

# Where the ticket leads: what it stands for is done then, once.

sub _use_ticket {
    my ($self, $request, $query, $way) = @_;

    my $value = arguments($query);
    my $ticket = $self->store->ticket($value->{ticket} // '', $KIND{lc $way})
        // die error(404, 'The ticket does not exist.');
    my $password = $ticket->{password};

    $password = _password(string($value->{password} // ''))
        if $ticket->{kind} eq 'password' && !defined $password;

    $self->store->use_ticket($ticket, $password);

    return ok() if !defined $ticket->{result_url};
    return [302, 'text/plain', 'Found', Location => $ticket->{result_url}];
}

# This server has no mail: that it was asked to send one stands in the log.

sub _send_email {
    my ($self, $request, $query, $user_id) = @_;

    my $user = $self->_user($user_id);

    $user->{strategy} =~ /\A(?:auth0|email)\z/ or die refused('email', $user);
    $self->store->log_event($user, 'svr');

    return ok();
}

sub _create {
    my ($self, $request) = @_;

    my $members = $self->body_members($request);
    my $value = _values($members);
    my $connection = text($value->{connection})
        // die invalid(400, 'connection is required');
    my $strategy = $self->store->strategy($connection)
        // die invalid(400, qq{the connection "$connection" does not exist});
    my $required = $REQUIRED{$strategy}
        // die invalid(400, "users of a $strategy connection come by login");

    for my $name (@$required) {
        die invalid(400, "$name is required") if !defined $value->{$name};
    }

    my $verified = $value->{email_verified} // 'false';
    die invalid(400, 'email_verified is true or false')
        if $verified !~ /\A(?:true|false)\z/;

    my $account = defined $value->{email} ? _email($value->{email})
        : text($value->{phone_number})
        // die invalid(400, 'phone_number is a string');
    my $password = $strategy eq 'auth0' ? _password($value->{password}) : undef;

    die user_exists() if $self->store->taken($connection, $account);

    my %known = map { $_ => 1 } @$required, qw(connection email password
                                               email_verified);
    my $profile = members(_new_profile($strategy, $connection, $account,
                                       $verified));
    my $metadata = [grep { !$known{$_->[0]} } @$members];

    my $user = $self->store->insert($profile, $metadata, $password);

    $self->store->log_event($user, 'ss');

    my ($user_id) = map { text($_->[2]) } grep { $_->[0] eq 'user_id' }
        @$profile;

    return json($self->store->document($user_id));
}

sub _new_profile {
    my ($strategy, $connection, $account, $verified) = @_;

    my $id = Legacy::Token::random(12);
    my ($nickname) = $account =~ /\A([^@]*)/;
    my $kind = $strategy eq 'sms' ? 'phone' : 'email';
    my ($name, $field) = ($kind eq 'phone' ? 'phone_number' : 'email',
                          "${kind}_verified");

    return sprintf '{"_id":"%s","%s":%s,"%s":%s,"user_id":"%s|%s",'
        . '"name":%s,"nickname":%s,"picture":"/avatars/%s.png","identities":'
        . '[{"user_id":"%s","provider":"%s","connection":%s,"isSocial":false}],'
        . '"created_at":"%s"}',
        Legacy::Token::random(16), $name, string($account), $field, $verified,
        $strategy, $id, string($account), string($nickname), substr($id, 0, 2),
        $id, $strategy, string($connection), Legacy::Database::now();
}

sub _delete {
    my ($self, $request, $query, $user_id) = @_;

    $self->store->delete_user($user_id) or die no_user();

    return ok();
}

sub _delete_all {
    my ($self) = @_;

    $self->store->delete_all;

    return ok();
}

sub _user {
    my ($self, $user_id) = @_;

    return $self->store->user($user_id) // die no_user();
}

sub _values {
    my ($members) = @_;

    return { map { $_->[0] => $_->[2] } @$members };
}

sub _email {
    my ($raw) = @_;

    my $email = text($raw);

    return $email if defined $email && $email =~ /\A[^\s@]+@[^\s@]+\z/;

    die invalid(400, 'email is no e-mail address');
}

sub _password {
    my ($raw) = @_;

    my $password = text($raw) // '';

    return $password if length $password >= PASSWORD_LENGTH;

    die invalid(400, 'PasswordStrengthError: Password is too weak');
}

1;
