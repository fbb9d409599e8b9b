#!/usr/bin/perl

# Proves that nothing a create says of a new user is stored to be shown only
# (U3.8): v1 keeps as metadata what it does not know, and a user who is to be
# blocked would look blocked and go on.  What is true of each new user may be
# said, as forms, Terraform and auth0/go-auth0 do (TestUserManager_Read.yaml
# below test/data/recordings/ begins with such a create).  It fails when what
# goes up is not what is so, when a lie is no 400 that names it, and when a
# harmless create is refused.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => {
    body => '{"user_id":"auth0|1","email":"a@b.c"}',
} });

$t->conf(<<'END');
    include profile/auth0.conf;

    profile_schema knows {
        default app_metadata;
        identity blocked;
        option connection;
        writable blocked;
        writable late on=update;
        writable once on=create;
    }

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;

        include profile/gateway.conf;

        location = /knows {
            profile_guard knows mode=v2;
            profile_rewrite knows api=v2;
            profile_call create /.profile/create;
            proxy_pass http://%%BACKEND%%;
        }

        location = /straight {
            profile_guard knows mode=v2;
            proxy_pass http://%%BACKEND%%;
        }
    }
END

$t->start;

sub create {
    my ($body, $uri) = @_;

    $backend->forget;

    my $r = $t->request('POST', $uri // '/api/v2/users',
                        'Content-Type' => 'application/json', ':body' => $body);
    my @up = map { "$_->{method} $_->{uri} $_->{body}" } $backend->requests;

    return ($r, @up);
}

my %base = (
    auth0    => '"connection":"db","email":"a@b.c","password":"secret-1"',
    email    => '"connection":"email","email":"a@b.c"',
    sms      => '"connection":"sms","phone_number":"+1"',
    facebook => '"connection":"facebook"',
);

# What goes up of the rest, "" for nothing; or the names that the 400 has.

my @rows = (

    # what is so is left out

    [ auth0    => '"blocked":false', '' ],
    [ auth0    => '"blocked":null', '' ],
    [ auth0    => '"bl\u006fcked":false', '' ],
    [ email    => '"blocked":false', '' ],
    [ facebook => '"blocked":false', '' ],
    [ sms      => '"blocked":false,"phone_verified":false', '' ],
    [ sms      => '"phone_verified":null', '' ],

    # what v1 itself knows goes up

    [ auth0    => '"email_verified":true', '"email_verified":true' ],
    [ auth0    => '"email_verified":false', '"email_verified":false' ],
    [ email    => '"email_verified":true', '"email_verified":true' ],

    # all of go-auth0's; options are left out, names are kept under their own

    [ auth0    => '"given_name":"C","nickname":"N","verify_email":false,'
                  . '"picture":"p","blocked":false,"email_verified":true',
      '"given_name":"C","nickname":"N","picture":"p","email_verified":true' ],
    [ auth0    => '"verify_email":true', '' ],
    [ auth0    => '"user_metadata":{"blocked":true}', '"um_blocked":true' ],

    # what is not so has a name

    [ auth0    => '"blocked":true', undef, 'blocked' ],
    [ email    => '"blocked":true', undef, 'blocked' ],
    [ sms      => '"blocked":true', undef, 'blocked' ],
    [ facebook => '"blocked":true', undef, 'blocked' ],
    [ auth0    => '"blocked":0', undef, 'blocked' ],
    [ auth0    => '"blocked":"false"', undef, 'blocked' ],
    [ auth0    => '"blocked":""', undef, 'blocked' ],
    [ auth0    => '"blocked":[]', undef, 'blocked' ],
    [ auth0    => '"blocked":{}', undef, 'blocked' ],
    [ sms      => '"phone_verified":true', undef, 'phone_verified' ],
    [ sms      => '"phone_verified":true,"blocked":false', undef,
      'phone_verified' ],

    # nor is anything left out that nobody could write

    [ auth0    => '"phone_verified":false', undef, 'phone_verified' ],
    [ sms      => '"email_verified":false', undef, 'email_verified' ],
    [ facebook => '"email_verified":false', undef, 'email_verified' ],
    [ auth0    => '"user_id":"x"', undef, 'user_id' ],
    [ auth0    => '"user_id":null', undef, 'user_id' ],
    [ auth0    => '"identities":[]', undef, 'identities' ],
    [ auth0    => '"identities":false', undef, 'identities' ],
    [ auth0    => '"created_at":"2020-01-01T00:00:00.000Z"', undef,
      'created_at' ],
    [ auth0    => '"updated_at":null', undef, 'updated_at' ],
    [ auth0    => '"last_ip":"10.0.0.1"', undef, 'last_ip' ],
    [ auth0    => '"last_login":null', undef, 'last_login' ],
    [ auth0    => '"logins_count":0', undef, 'logins_count' ],
    [ auth0    => '"loginsCount":0', undef, 'loginsCount' ],
    [ auth0    => '"multifactor":[]', undef, 'multifactor' ],
    [ auth0    => '"blocked_for":false', undef, 'blocked_for' ],
    [ auth0    => '"last_password_reset":null', undef, 'last_password_reset' ],
    [ auth0    => '"plan":false', undef, 'plan' ],
    [ auth0    => '"blocked":true,"plan":1,"user_id":"x"', undef,
      'blocked, plan, user_id' ],
);

for my $row (@rows) {
    my ($kind, $more, $goes, $names) = @$row;
    my ($connection, $rest) = $base{$kind} =~ /\A("connection":"\w+"),?(.*)\z/;

    for my $body ("{$base{$kind},$more}", "{$more,$base{$kind}}") {
        my ($r, @up) = create($body);
        my $name = "U3.8 $body";

        if (defined $names) {
            my $said = decode_json($r->body);

            is($r->status . ' ' . $said->{errorCode},
               '400 operation_not_supported', "$name: refused");
            like($said->{message}, qr/cannot be set: \Q$names\E\./,
                 "$name: by name");
            is_deeply(\@up, [], "$name: nothing goes up");
            next;
        }

        my @parts = grep { $_ ne '' } $rest, $goes;

        if ($body =~ /\A\{\Q$more/) {
            @parts = reverse @parts;
        }

        # metadata and the connection follow the attributes

        @parts = reverse @parts if $goes =~ /um_/ && @parts > 1
                                   && $parts[0] eq $goes;

        is($r->status, 201, "$name: done");
        is_deeply(\@up, ['POST /api/users/ {'
                         . join(',', @parts, $connection) . '}'],
                  "$name: what goes up");
    }
}


# A backend that knows an attribute gets it

my @known = (
    [ '"blocked":true', '"blocked":true' ],
    [ '"blocked":false', '"blocked":false' ],
    [ '"once":false', '"once":false' ],
    [ '"late":false', '' ],
    [ '"late":null,"once":1', '"once":1' ],
    [ '"late":1', undef ],
);

for my $row (@known) {
    my ($body, $goes) = @$row;
    my ($r, @up) = create("{$body}", '/knows');

    is($r->status, defined $goes ? 201 : 400, "U3.8 $body");
    is_deeply(\@up, defined $goes ? ["POST /api/users/ {$goes}"] : [],
              "U3.8 $body: what goes up");
}

# Where the body goes up as it is nothing can be left out of it.

is((create('{"late":false}', '/straight'))[0]->status, 400,
   'H5.5 no call, no difference');
is((create('{"once":false}', '/straight'))[0]->status, 200,
   'H5.5 no call, writable');

done_testing;
