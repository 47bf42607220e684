module lablink

go 1.21
