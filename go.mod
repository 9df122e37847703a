module github.com/credgate/credgate

go 1.26
