print("two moons")
