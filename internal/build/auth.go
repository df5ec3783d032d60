package build

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"github.com/docker/cli/cli/config/types"
	"github.com/moby/buildkit/session/auth"
	"github.com/moby/buildkit/session/auth/authprovider"
	"golang.org/x/crypto/nacl/sign"
	"google.golang.org/grpc"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// dockerHub is the host by which BuildKit asks for Docker Hub's credentials,
// and what the rest of the world calls it.
const (
	dockerHub     = "registry-1.docker.io"
	dockerHubName = "docker.io"
)

// sessionAuth answers the builder's questions about credentials. Of a registry
// with tokens, as GHCR, the builder gets only short-lived ones, fetched here:
// the library does that. Only the key that tells builders apart is our own,
// since the library keeps its seed in ~/.docker.
type sessionAuth struct {
	auth.AuthServer
	seed [32]byte
}

func newAuth(ask func(string) (string, secret.Secret)) (*sessionAuth, error) {
	if ask == nil {
		ask = func(string) (string, secret.Secret) { return "", secret.Secret{} }
	}
	cfg := authprovider.DockerAuthProviderConfig{
		AuthConfigProvider: func(_ context.Context, host string, _ []string, _ authprovider.ExpireCachedAuthCheck) (types.AuthConfig, error) {
			if host == dockerHub {
				host = dockerHubName
			}
			user, password := ask(host)
			return types.AuthConfig{Username: user, Password: password.Reveal(), ServerAddress: host}, nil
		},
	}
	server, ok := authprovider.NewDockerAuthProvider(cfg).(auth.AuthServer)
	if !ok {
		return nil, errors.New("BuildKit's authprovider is no auth server any more")
	}
	a := &sessionAuth{AuthServer: server}
	_, err := rand.Read(a.seed[:])
	return a, err
}

// Register offers the service on a session.
func (a *sessionAuth) Register(s *grpc.Server) { auth.RegisterAuthServer(s, a) }

// GetTokenAuthority gives the public key under which the builder files tokens.
func (a *sessionAuth) GetTokenAuthority(_ context.Context, req *auth.GetTokenAuthorityRequest) (*auth.GetTokenAuthorityResponse, error) {
	return &auth.GetTokenAuthorityResponse{PublicKey: a.key(req.Salt)[ed25519.SeedSize:]}, nil
}

// VerifyTokenAuthority proves that we hold the private half.
func (a *sessionAuth) VerifyTokenAuthority(_ context.Context, req *auth.VerifyTokenAuthorityRequest) (*auth.VerifyTokenAuthorityResponse, error) {
	priv := [ed25519.PrivateKeySize]byte(a.key(req.Salt))
	return &auth.VerifyTokenAuthorityResponse{Signed: sign.Sign(nil, req.Payload, &priv)}, nil
}

func (a *sessionAuth) key(salt []byte) ed25519.PrivateKey {
	mac := hmac.New(sha256.New, salt)
	mac.Write(a.seed[:])
	return ed25519.NewKeyFromSeed(mac.Sum(nil))
}
